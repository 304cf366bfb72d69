/** What a command sees of the process it runs in. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes one line to standard output. */
  readonly print: (line: string) => void;
  /** Writes one line to standard error. */
  readonly warn: (line: string) => void;
  /** Resolves when the process is asked to stop. For a command that does not look at it, a signal ends the process. */
  readonly stopped: Promise<void>;
  /** Calls the listener at every hangup (SIGHUP), which then no longer ends the process. */
  readonly onHangup: (listener: () => void) => void;
  /** Ends the process if it is still there after so long. */
  readonly endWithin: (ms: number, why: string) => void;
}

/** One command of the command line: arguments in, exit code out. */
export type Command = (argv: readonly string[], context: CommandContext) => Promise<number>;
