import { pino } from 'pino';
// The build, as it ships: the worker is a process of its own and starts from built files.
import { DEFAULTS, type Config } from '../../server/dist/config.js';
import { UnderpaintServer } from '../../server/dist/server.js';

/** A server with the embedded model on a free port, quiet, with the settings given. */
export function startServer(settings: Partial<Config> = {}): Promise<UnderpaintServer> {
  return UnderpaintServer.start({ ...DEFAULTS, port: 0, ...settings }, pino({ level: 'silent' }));
}
