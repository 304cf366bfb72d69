import { pino } from 'pino';
import { Connection } from '../../server/src/transport/connection.js';
import { Session, type SessionOptions } from '../../server/src/session/session.js';
import type { Socket } from '../../server/src/transport/peer.js';

const log = pino({ level: 'silent' });

/** A connection of the real server over what stands in for a socket, with no limits but those of the session. */
export function connect(socket: object, options: Omit<SessionOptions, 'wire'>, now: () => number): void {
  new Connection({
    socket: socket as Socket,
    metrics: options.metrics,
    log,
    guard: options.guard,
    now,
    onImage: () => undefined,
    helloTimeoutMs: 10_000,
    heartbeatMs: 1e9,
    messageTimeoutMs: 1e9,
    maxBytesPerSecond: 1e9,
    maxBufferedBytes: 1e9,
    createSession: (wire) => new Session({ wire, ...options }),
  });
}
