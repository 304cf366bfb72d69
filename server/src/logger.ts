import { pino, type Logger } from 'pino';
export type { Logger };

/** JSON lines on standard error, one a change of state; never one a frame. */
export function createLogger(level: string): Logger {
  return pino({ name: 'underpaint', level }, pino.destination({ fd: 2, sync: false }));
}
