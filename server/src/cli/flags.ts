import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UsageError } from '../errors.js';

/**
 * The flags of a command.
 *
 * @param name as in `underpaint <name> --help`
 * @throws UsageError for a flag that the command does not have
 */
export function readFlags<const O extends NonNullable<ParseArgsConfig['options']>>(
  name: string,
  argv: readonly string[],
  options: O,
): ReturnType<typeof parseArgs<{ readonly args: string[]; readonly options: O; readonly strict: true }>>['values'] {
  try {
    return parseArgs({ args: [...argv], options, strict: true } as const).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}. See underpaint ${name} --help`, { cause: error });
  }
}

/** @throws UsageError for anything but a whole number from `min` to 1000 */
export function readCount(flag: string, text: string, min: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= 1_000) return value;
  throw new UsageError(`${flag} must be a whole number from ${min} to 1000, not "${text}"`);
}
