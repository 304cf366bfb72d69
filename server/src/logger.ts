import { pino, type Logger } from 'pino';
export type { Logger };

/** JSON lines on standard error: one for each change of state, never one for each frame. */
export function createLogger(level: string): Logger {
  return pino({ name: 'underpaint', level }, pino.destination({ fd: 2, sync: false }));
}
