import { defaultTextOf, flagOf, type Option } from '../config/option.js';
import type { CommandDefinition } from './definition.js';

/** The text of `underpaint <command> --help`. */
export function helpOf({ name, argument, about, notes, options, readsEnv }: CommandDefinition): string {
  const lines = [...Object.entries(options).map(([key, option]) => lineOf(key, option)), ['--help', 'print this text']];
  const width = Math.max(...lines.map(([left]) => left!.length)) + 2;
  const usage = ['underpaint', name, argument, '[options]'].filter(Boolean).join(' ');
  const fromEnv = readsEnv ? ' Each option is also an environment variable: UNDERPAINT_PORT for --port.' : '';
  return [
    `Usage: ${usage}`,
    `${about}${fromEnv}`,
    lines.map(([left, right]) => `  ${left!.padEnd(width)}${right}`).join('\n'),
    ...(notes === undefined ? [] : [notes]),
  ].join('\n\n');
}

function lineOf(key: string, option: Option): [left: string, right: string] {
  const byDefault = defaultTextOf(option);
  const right = byDefault === '' ? option.help : `${option.help} (default: ${byDefault})`;
  return [`--${flagOf(key, option)} ${option.value}`.trim(), right];
}
