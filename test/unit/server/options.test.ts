import { describe, expect, it } from 'vitest';
import { BENCH_KINDS } from '../../../server/src/cli/bench.js';
import { benchFrameCommand } from '../../../server/src/cli/bench-frame.js';
import type { CommandDefinition } from '../../../server/src/cli/definition.js';
import { infer } from '../../../server/src/cli/infer.js';
import { inspect } from '../../../server/src/cli/inspect.js';
import { record } from '../../../server/src/cli/record.js';
import { pull } from '../../../server/src/cli/pull.js';
import { serve } from '../../../server/src/cli/serve.js';
import { token } from '../../../server/src/cli/token.js';
import { worker } from '../../../server/src/cli/worker.js';
import { defaultTextOf, flagOf, variableOf } from '../../../server/src/config/option.js';
import { commandContext } from '../../helpers/command-context.js';

/*
 * docs/OPTIONS.md is written from the definitions of the commands. When they change, `npm run docs:options` writes it again.
 */

const COMMANDS = [serve, worker, token, infer, inspect, pull, record, benchFrameCommand, ...Object.values(BENCH_KINDS)];

const HEAD = `# Options

Made from the definitions in \`server/src\` by \`npm run docs:options\`. \`underpaint <command> --help\` prints the same.
`;

function sectionOf({ name, argument, about, options, readsEnv = false }: CommandDefinition): string {
  const columns = ['option', ...(readsEnv ? ['environment variable'] : []), 'meaning', 'default'];
  const rows = Object.entries(options).map(([key, option]) => {
    const flag = flagOf(key, option);
    const byDefault = defaultTextOf(option);
    return [
      `\`--${`${flag} ${option.value}`.trim().replaceAll('|', '\\|')}\``,
      ...(readsEnv ? [`\`${variableOf(flag)}\``] : []),
      option.help.replaceAll('*', '\\*'),
      byDefault === '' || option.defaultText !== undefined ? byDefault : `\`${byDefault}\``,
    ];
  });
  const lines = [columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return [
    `## underpaint ${[name, argument].filter(Boolean).join(' ')}\n`,
    `${about.split('\n\n')[0]!}\n`,
    ...lines,
  ].join('\n');
}

describe('docs/OPTIONS.md', () => {
  it('has every option as it is defined', async () => {
    const text = [HEAD, ...COMMANDS.map(({ definition }) => `${sectionOf(definition)}\n`)].join('\n');
    await expect(text).toMatchFileSnapshot('../../../docs/OPTIONS.md');
  });
});

describe('the help of', () => {
  it.each(COMMANDS.map((command) => [command.definition.name, command] as const))(
    '%s has every option',
    async (_, command) => {
      const lines: string[] = [];
      expect(await command(['--help'], commandContext({ print: (line) => lines.push(line) }))).toBe(0);
      const flags = Object.entries(command.definition.options).map(([key, option]) => `  --${flagOf(key, option)}`);
      for (const flag of [...flags, '  --help']) expect(lines[0]).toContain(flag);
      expect(Math.max(...lines[0]!.split('\n').map(({ length }) => length))).toBeLessThan(140);
    },
  );
});
