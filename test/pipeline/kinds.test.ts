import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginOne } from '../helpers/begin.js';
import { commandContext } from '../helpers/command-context.js';
import { infer } from '../../server/src/cli/infer.js';
import { inspect } from '../../server/src/cli/inspect.js';
import { maxDifference } from '../../server/src/cli/parity/difference.js';
import { readFloats, readNpy } from '../../server/src/cli/parity/npy.js';
import { clipImage, clipViewOf } from '../../server/src/pipeline/graphs/clip-image.js';
import type { Inspection } from '../../server/src/pipeline/folder/inspect-folder.js';
import { loadPipeline } from '../../server/src/pipeline/pipeline.js';
import { MODELS_DIR } from './model-folder-fixture.js';

/* Both commands on a folder of each kind, as a person would run them: test/fixtures/models/README.md. */

const at = (path: string): string => join(MODELS_DIR, path);

async function run(command: typeof infer, ...argv: string[]): Promise<{ code: number; answer: unknown }> {
  const lines: string[] = [];
  const context = commandContext({ print: (line) => lines.push(line) });
  const code = await command([...argv, '--json'], context);
  expect(lines).toHaveLength(1);
  return { code, answer: JSON.parse(lines[0]!) };
}

/** Folder, kind, how it is guided, pixels a latent, and the inputs of its UNet. */
const KINDS = [
  ['lcm', 'lcm', 'embedded', 8, 'timestep:int64[] timestep_cond:float32[batch_size,32]'],
  ['lcm-lora', 'lcm-lora', 'rows', 4, 'timestep:int64[1]'],
  ['sd-turbo', 'sd-turbo', 'none', 8, 'timestep:int64[batch_size]'],
  ['sd-turbo-fp16', 'sd-turbo', 'none', 8, 'timestep:int64[batch_size]'],
  ['sdxl-turbo', 'sdxl-turbo', 'none', 8, 'timestep:float32[batch_size] text_embeds:float32[batch_size,20]'],
  ['sdxl-lcm-lora', 'sdxl-lcm-lora', 'rows', 8, 'timestep:float32[batch_size] time_ids:float32[batch_size,6]'],
  ['sdxl-lcm', 'sdxl-lcm', 'embedded', 8, 'timestep:float32[batch_size] timestep_cond:float32[batch_size,32]'],
  ['sdxl-base', 'sdxl-diffusion', 'rows', 8, 'timestep:int64[batch_size] text_embeds:float32[batch_size,20]'],
  ['sd-euler', 'diffusion', 'rows', 8, 'timestep:int64[1]'],
] as const;

describe.each(KINDS)('the folder %s', (folder, kind, guidance, vaeFactor, inputs) => {
  let work: string;

  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), 'underpaint-kinds-'));
  });
  afterAll(() => rm(work, { recursive: true }));

  it('is described by inspect', async () => {
    const { code, answer } = await run(inspect, at(folder));
    const { model, problems, components } = answer as Inspection;
    expect([code, problems]).toEqual([0, []]);
    const isJudged = folder === 'lcm';
    expect(model).toMatchObject({ kind, guidance, vaeFactor, isJudged, width: 64, height: 64 });
    const unet = components.find(({ name }) => name === 'unet')!;
    const described = unet.inputs.map(({ name, type, shape }) => `${name}:${type}[${shape.join(',')}]`);
    expect(described).toEqual(expect.arrayContaining(inputs.split(' ')));
    const half = folder.endsWith('fp16');
    expect(unet.outputs[0]!.type).toBe(half ? 'float16' : 'float32');
    expect(components.some(({ name }) => name === 'text_encoder_2')).toBe(folder.startsWith('sdxl'));
  });

  it('makes a picture', async () => {
    const sketch = join(work, 'sketch.png');
    const { data } = await readNpy(at('init_image.uint8.npy'));
    await sharp(data as Uint8Array, { raw: { width: 64, height: 64, channels: 3 } }).toFile(sketch);
    const output = join(work, 'out.jpg');
    const argv = ['--model', at(folder), '--input', sketch, '--prompt', 'a lake', '--threads', '1', '--output', output];
    const { code, answer } = await run(infer, ...argv);
    expect([code, answer]).toMatchObject([0, { width: 64, height: 64, flagged: false }]);
    expect(await sharp(await readFile(output)).metadata()).toMatchObject({ format: 'jpeg', width: 64, height: 64 });
  });

  it('runs samples at different points together as it runs them alone', async () => {
    const pipeline = await loadPipeline(at(folder), { threads: 1 });
    const { data } = await readNpy(at('init_image.uint8.npy'));
    const begin = (prompt: string, steps: number) =>
      beginOne(pipeline, {
        picture: data as Uint8Array,
        prompt,
        steps,
        strength: 0.8,
        guidance: 2,
        seed: steps,
      });
    const alone = [await begin('a lake', 2), await begin('a house', 4)];
    for (const row of alone) while (!row.done) await pipeline.step([row]);
    const together = [await begin('a lake', 2), await begin('a house', 4)];
    for (let running = together; running.length > 0; running = running.filter(({ done }) => !done)) {
      await pipeline.step(running);
    }
    const tolerance = folder.endsWith('fp16') ? 0.05 : 1e-4;
    together.forEach((row, i) => expect(maxDifference(row.denoised, alone[i]!.denoised)).toBeLessThan(tolerance));
    await pipeline.dispose();
  });
});

it('takes another autoencoder with --vae', async () => {
  const { code, answer } = await run(inspect, at('sd-turbo'), '--vae', at('tiny-vae'));
  const { components } = answer as Inspection;
  expect(code).toBe(0);
  expect(components.find(({ name }) => name === 'vae_encoder')!.graph).toContain('tiny-vae');
  expect(components.find(({ name }) => name === 'vae_encoder')!.outputs[0]!.name).toBe('latent_sample');
});

describe('the safety checker', () => {
  it('sees a picture as CLIP does', async () => {
    const { data } = await readNpy(at('init_image.uint8.npy'));
    const ours = clipImage(data as Uint8Array, { width: 64, height: 64 }, { ...clipViewOf({}), edge: 32 });
    const wanted = await readFloats(at('lcm/safety_checker/clip_input.npy'));
    // One level of 255, over the smallest deviation of the three channels.
    expect(maxDifference(ours, wanted)).toBeLessThan(1.5 / 255 / 0.26);
  });

  it('finds what it was made to find, and only if it is asked', async () => {
    const pictures = await Promise.all(
      ['init_image', 'red'].map(async (name) => (await readNpy(at(`${name}.uint8.npy`))).data as Uint8Array),
    );
    const judging = await loadPipeline(at('lcm'), { threads: 1 });
    expect(await judging.judge(pictures)).toEqual([false, true]);
    await judging.dispose();
    const blind = await loadPipeline(at('lcm'), { threads: 1, safetyChecker: false });
    expect(blind.info.isJudged).toBe(false);
    expect(await blind.judge(pictures)).toEqual([false, false]);
    await blind.dispose();
  });

  it('blurs the picture of infer, unless it is turned off', async () => {
    const work = await mkdtemp(join(tmpdir(), 'underpaint-flagged-'));
    const folder = join(work, 'model');
    await cp(at('lcm'), folder, { recursive: true });
    await cp(at('flags-all'), join(folder, 'safety_checker'), { recursive: true });
    const paint = async (file: string, ...argv: string[]) => {
      const args = ['--model', folder, '--prompt', 'a lake', '--threads', '1', '--output', join(work, file)];
      const { answer } = await run(infer, ...args, ...argv);
      const { channels } = await sharp(await readFile(join(work, file))).stats();
      return { flagged: (answer as { flagged: boolean }).flagged, spread: channels[0]!.stdev };
    };
    const [shown, blurred] = [await paint('shown.jpg', '--no-safety-checker'), await paint('blurred.jpg')];
    expect([shown.flagged, blurred.flagged]).toEqual([false, true]);
    expect(blurred.spread).toBeLessThan(0.8 * shown.spread);
    await rm(work, { recursive: true });
  });
});

describe('a negative prompt', () => {
  it.each([
    ['lcm', [], ['the negative prompt is not used: this model has none']],
    ['sd-turbo', [], ['the negative prompt is not used: this model has none']],
    ['lcm-lora', ['--guidance', '1'], ['the negative prompt is not used at guidance 1: give --guidance above 1']],
    ['lcm-lora', ['--guidance', '2'], []],
  ])('of %s %j gives a warning if it changes nothing', async (folder, argv, told) => {
    const work = await mkdtemp(join(tmpdir(), 'underpaint-negative-'));
    const lines: string[] = [];
    const context = commandContext({ warn: (line) => lines.push(line) });
    const paint = (...more: readonly string[]) =>
      infer(['--model', at(folder), '--output', join(work, 'out.jpg'), '--steps', '1', ...argv, ...more], context);
    await paint();
    expect(lines).toEqual([]);
    await paint('--negative-prompt', 'blurry');
    expect(lines).toEqual(told);
    await rm(work, { recursive: true });
  });
});
