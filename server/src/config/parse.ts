import { parseArgs } from 'node:util';
import { UsageError } from '../errors.js';
import { flagOf, variableOf, type Options, type Values } from './option.js';

interface Given {
  readonly argv: readonly string[];
  /** Where options may come from too; absent for a command whose options have no environment variables. */
  readonly env?: Readonly<NodeJS.ProcessEnv> | undefined;
}

/**
 * Reads options from the command line, then from the environment, and fills in the defaults.
 *
 * @param command as in `underpaint <command> --help`
 * @returns undefined when the help was asked for
 * @throws UsageError for an unknown option or a value that cannot be used
 */
export function readOptions<O extends Options>(command: string, options: O, given: Given): Values<O> | undefined {
  const flags = readFlags(command, options, given.argv);
  if (flags['help']) return undefined;
  const values = Object.entries(options).map(([key, option]) => {
    const flag = flagOf(key, option);
    const written = flags[flag] === true ? '1' : flags[flag];
    if (typeof written === 'string') return [key, option.parse(written, `--${flag}`)];
    const fromEnv = given.env?.[variableOf(flag)];
    // A variable that is set to nothing counts as not set.
    return [key, fromEnv ? option.parse(fromEnv, variableOf(flag)) : option.default];
  });
  return Object.fromEntries(values) as Values<O>;
}

/** What each option is when it is not given. */
export function defaultsOf<O extends Options>(options: O): Values<O> {
  return Object.fromEntries(Object.entries(options).map(([key, option]) => [key, option.default])) as Values<O>;
}

type Flags = Readonly<Record<string, string | boolean | undefined>>;

function readFlags(command: string, options: Options, argv: readonly string[]): Flags {
  const types = Object.entries(options).map(([key, option]) => {
    return [flagOf(key, option), { type: option.value === '' ? 'boolean' : 'string' }] as const;
  });
  const config = { ...Object.fromEntries(types), help: { type: 'boolean' } as const };
  try {
    return parseArgs({ args: [...argv], options: config, strict: true }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}. See underpaint ${command} --help`, { cause: error });
  }
}
