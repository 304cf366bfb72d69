import { pino } from 'pino';
import { Connections } from '../../server/src/session/connections.js';
import { NO_LIMITS, type SharedOptions } from './fakes.js';

const log = pino({ level: 'silent' });

/** The connections of a server, with no limits but those of the session. */
export function createConnections(options: SharedOptions): Connections {
  const none = 1e9;
  const limits = {
    helloTimeoutMs: 10_000,
    heartbeatMs: none,
    messageTimeoutMs: none,
    maxBytesPerSecond: none,
    maxMessagesPerSecond: none,
    maxBufferedBytes: none,
  };
  return new Connections({ ...options, quotas: NO_LIMITS, limits, log, onImage: () => undefined });
}
