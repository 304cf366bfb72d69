import { pino } from 'pino';
// The build, as it ships: the worker is a separate process and starts from built files.
import { DEFAULTS, type Config } from '../../server/dist/config/config.js';
import { startParts } from '../../server/dist/parts.js';
import { UnderpaintServer } from '../../server/dist/server.js';

/** Settings for a quick start: no benchmarks, and no pictures except those of the test. */
const PLAIN = { port: 0, workers: 1, maxRows: 1, refineSteps: 0 } as const;

/** A server with the embedded model on a free port, quiet, with the settings given. */
export async function startServer(settings: Partial<Config> = {}): Promise<UnderpaintServer> {
  const [config, log] = [{ ...DEFAULTS, ...PLAIN, ...settings }, pino({ level: 'silent' })];
  return UnderpaintServer.start(config, log, await startParts(config, log));
}
