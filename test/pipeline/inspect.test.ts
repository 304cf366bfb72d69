import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandContext } from '../helpers/command-context.js';
import { inspect } from '../../server/src/cli/inspect.js';
import type { Inspection } from '../../server/src/pipeline/folder/inspect-folder.js';
import { makeModelFolder } from './model-folder-fixture.js';

async function run(...argv: string[]): Promise<{ code: number; lines: string[] }> {
  const lines: string[] = [];
  const context = commandContext({ print: (line) => lines.push(line) });
  return { code: await inspect(argv, context), lines };
}

describe('underpaint inspect', () => {
  it.each([
    { kind: 'lcm', guidance: 'embedded', inputs: ['sample', 'timestep', 'encoder_hidden_states', 'timestep_cond'] },
    { kind: 'lcm-lora', guidance: 'rows', inputs: ['sample', 'timestep', 'encoder_hidden_states'] },
    { kind: 'sd-turbo', guidance: 'none', inputs: ['sample', 'timestep', 'encoder_hidden_states'] },
  ] as const)('tells a folder of kind $kind', async ({ kind, guidance, inputs }) => {
    const folder = await makeModelFolder({ kind });
    const { code, lines } = await run(folder.dir, '--json');
    const found = JSON.parse(lines[0]!) as Inspection;
    expect([code, lines.length, found.problems]).toEqual([0, 1, []]);
    expect(found.model).toMatchObject({ kind, guidance, width: 64, height: 64 });
    const unet = found.components.find(({ name }) => name === 'unet')!;
    expect(unet.inputs.map(({ name }) => name).sort()).toEqual([...inputs].sort());
    expect(unet.bytes).toBeGreaterThan(1_000);
    await folder.dispose();
  });

  it('describes the model in words', async () => {
    const folder = await makeModelFolder();
    const { lines } = await run(folder.dir);
    expect(lines.join('\n')).toMatch(
      /kind +lcm, guided by an embedding[\s\S]*unet, [\d.]+ [KM]B\n +in +sample: float32/,
    );
    await folder.dispose();
  });

  it('names everything that is wrong, not only the first', async () => {
    const folder = await makeModelFolder();
    await rm(join(folder.dir, 'vae_decoder/model.onnx'));
    await writeFile(join(folder.dir, 'unet/model.onnx'), 'not a graph');
    const { code, lines } = await run(folder.dir, '--json');
    const { problems } = JSON.parse(lines[0]!) as Inspection;
    expect(code).toBe(2);
    expect(problems).toHaveLength(2);
    expect(problems[0]).toContain('unet/model.onnx does not load');
    expect(problems[1]).toContain('vae_decoder/model.onnx is missing');
    await folder.dispose();
  });

  it('says that a folder does not exist', async () => {
    const { code, lines } = await run('/no/such/model');
    expect([code, lines.at(-1)]).toEqual([2, '  cannot be served: there is no model folder /no/such/model']);
  });
});
