import type { Options, Values } from '../config/option.js';
import { readOptions } from '../config/parse.js';
import { UsageError } from '../errors.js';
import type { CommandDefinition } from './definition.js';
import { helpOf } from './help.js';

/** The parts of the process that a command may use. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes one line to standard output. */
  readonly print: (line: string) => void;
  /** Writes one line to standard error. */
  readonly warn: (line: string) => void;
  /** Resolves when the process is asked to stop. Unless a command reads this, a signal ends the process. */
  readonly stopped: Promise<void>;
  /** Calls the listener at every hangup (SIGHUP), which then no longer ends the process. */
  readonly onHangup: (listener: () => void) => void;
  /** Ends the process if it is still running after so long. */
  readonly endWithin: (ms: number, why: string) => void;
}

interface Runnable<O extends Options> extends CommandDefinition<O> {
  /** @returns the exit code */
  readonly run: (values: Values<O>, context: CommandContext, argument: string) => Promise<number>;
}

/** Arguments in, exit code out. */
export type Run = (argv: readonly string[], context: CommandContext) => Promise<number>;

/** One command of the command line. */
export interface Command extends Run {
  readonly definition: CommandDefinition;
}

/** Makes a command of a definition: reads the options, answers `--help`, and runs it. */
export function defineCommand<O extends Options>({ run, ...definition }: Runnable<O>): Command {
  const { name, argument: placeholder, options, readsEnv } = definition;
  const command = async (argv: readonly string[], context: CommandContext) => {
    const argument = placeholder === undefined || argv[0]?.startsWith('-') ? undefined : argv[0];
    const values = readOptions(name, options, {
      argv: argv.slice(argument === undefined ? 0 : 1),
      env: readsEnv ? context.env : undefined,
    });
    if (!values) {
      context.print(helpOf(definition));
      return 0;
    }
    if (placeholder !== undefined && argument === undefined) {
      throw new UsageError(`${placeholder} is missing: underpaint ${name} ${placeholder}`);
    }
    return run(values, context, argument ?? '');
  };
  return Object.assign(command, { definition });
}
