import { pino, type Logger } from 'pino';
export type { Logger };

/** A log of records. `reopen` opens its file again after it was moved away. */
export interface RecordLog {
  readonly write: (record: object) => void;
  readonly reopen: () => void;
}

/** @param file `-` for standard output */
export function createRecordLog(file: string): RecordLog {
  const to = pino.destination({
    ...(file === '-' ? { fd: 1 } : { dest: file, append: true, mkdir: true, mode: 0o600 }),
    sync: false,
  });
  const log = pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: () => ({ log: 'audit' }) } },
    to,
  );
  return {
    write: (record) => log.info(record),
    reopen: () => {
      if (file !== '-') to.reopen();
    },
  };
}

/** JSON lines on standard error: one for each change of state, never one for each frame. */
export function createLogger(level: string): Logger {
  return pino({ name: 'underpaint', level }, pino.destination({ fd: 2, sync: false }));
}
