import { existsSync } from 'node:fs';
import { UsageError } from '../errors.js';

/**
 * Reads a value. `source` is the flag or the environment variable that held it, for the error.
 *
 * @throws UsageError
 */
export type Parse<T> = (text: string, source: string) => T;

/**
 * One command-line option. Its flag, its environment variable, its line in the help and its row in docs/OPTIONS.md all
 * come from here.
 */
export interface Option<T = unknown> {
  /** The placeholder after the flag, as N in `--port N`; empty for a switch. */
  readonly value: string;
  readonly help: string;
  readonly default: T;
  /** The default in words, where the value itself says little. */
  readonly defaultText?: string | undefined;
  readonly parse: Parse<T>;
}

export type Options = Readonly<Record<string, Option>>;

export type Values<O extends Options> = { readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never };

interface About<T> {
  readonly value?: string;
  readonly help: string;
  readonly default: T;
  readonly defaultText?: string;
}

interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** An option with a parser of its own. */
export function parsed<T>({ value = 'TEXT', ...about }: About<T>, parse: Parse<T>): Option<T> {
  return { value, ...about, parse };
}

export function text<T extends string | undefined>(about: About<T>): Option<string | T> {
  return parsed<string | T>(about, (written) => written);
}

/** A whole number within bounds, both included. */
export function whole<T extends number | undefined>({ min, max, ...about }: About<T> & Bounds): Option<number | T> {
  return parsed<number | T>({ value: 'N', ...about }, wholeIn({ min, max }));
}

/** A number within bounds, both included. */
export function decimal<T extends number | undefined>({ min, max, ...about }: About<T> & Bounds): Option<number | T> {
  return parsed<number | T>({ value: 'N', ...about }, (written, source) => {
    const number = numberOf(written);
    if (number >= min && number <= max) return number;
    throw new UsageError(`${source} must be a number from ${min} to ${max}, not "${written}"`);
  });
}

/** The parser of a whole number within bounds, both included. */
export function wholeIn({ min, max }: Bounds): Parse<number> {
  return (written, source) => {
    const number = numberOf(written);
    if (Number.isInteger(number) && number >= min && number <= max) return number;
    throw new UsageError(`${source} must be a whole number from ${min} to ${max}, not "${written}"`);
  };
}

function numberOf(written: string): number {
  return written.trim() === '' ? NaN : Number(written);
}

export function oneOf<C extends string, T extends C | undefined>(
  choices: readonly C[],
  about: About<T>,
): Option<C | T> {
  return parsed<C | T>(about, (written, source) => {
    const choice = choices.find((one) => one === written);
    if (choice !== undefined) return choice;
    throw new UsageError(`${source} must be one of ${choices.join(', ')}, not "${written}"`);
  });
}

/** The path of a file that exists. */
export function file<T extends string | undefined>(about: About<T>): Option<string | T> {
  return parsed<string | T>({ value: 'FILE', ...about }, (written, source) => {
    if (existsSync(written)) return written;
    throw new UsageError(`${source}: there is no file at ${written}`);
  });
}

/** An http or https address, or the path of a file that exists. */
export function urlOrFile<T extends string | undefined>(about: About<T>): Option<string | T> {
  const { parse: parseFile } = file(about);
  return parsed<string | T>({ value: 'URL|FILE', ...about }, (written, source) =>
    /^https?:\/\//i.test(written) && URL.canParse(written) ? written : parseFile(written, source),
  );
}

/** A comma-separated list. */
export function list<T>(about: About<readonly T[]>, parse: Parse<T>): Option<readonly T[]> {
  return parsed<readonly T[]>({ value: 'LIST', ...about }, (written, source) =>
    written
      .split(',')
      .filter(Boolean)
      .map((one) => parse(one.trim(), source)),
  );
}

/** A flag without a value that turns its setting to the other one; as an environment variable it is 1 or 0. */
export function toggle(about: { readonly help: string; readonly default: boolean }): Option<boolean> {
  return parsed({ value: '', ...about }, (written, source) => {
    if (written === '1' || written === 'true') return !about.default;
    if (written === '0' || written === 'false') return about.default;
    throw new UsageError(`${source} must be 1 or 0, not "${written}"`);
  });
}

/** The flag of a setting, without the dashes: `maxRows` is `max-rows`. A switch that turns a setting off begins with `no-`. */
export function flagOf(key: string, { value, default: byDefault }: Option): string {
  const flag = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return value === '' && byDefault === true ? `no-${flag}` : flag;
}

/** The environment variable of a flag: `max-rows` is `UNDERPAINT_MAX_ROWS`. */
export function variableOf(flag: string): string {
  return `UNDERPAINT_${flag.toUpperCase().replaceAll('-', '_')}`;
}

/** The default as text; empty for an option that is off unless given. */
export function defaultTextOf({ value, default: byDefault, defaultText }: Option): string {
  return defaultText ?? (value === '' ? '' : String(byDefault ?? ''));
}
