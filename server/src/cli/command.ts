/** What a command sees of the process it runs in. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes one line to standard output. */
  readonly print: (line: string) => void;
  /** Resolves when the process is asked to stop. */
  readonly stopped: Promise<void>;
}

/** One command of the command line: arguments in, exit code out. */
export type Command = (argv: readonly string[], context: CommandContext) => Promise<number>;
