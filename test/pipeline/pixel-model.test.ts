import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandContext } from '../helpers/command-context.js';
import { infer } from '../../server/src/cli/infer.js';
import { inspect } from '../../server/src/cli/inspect.js';
import { calibrate } from '../../server/src/inference/device/calibrate.js';
import { maxDifference } from '../../server/src/cli/parity/difference.js';
import type { Command } from '../../server/src/cli/command.js';
import type { Inspection } from '../../server/src/pipeline/folder/inspect-folder.js';
import { loadPipeline, type Pipeline } from '../../server/src/pipeline/pipeline.js';
import { beginOne } from '../helpers/begin.js';
import { makePicture } from './model-folder-fixture.js';

/* Folders and pictures recorded by test/fixtures/pixel/make.py. */

const FIXTURES = fileURLToPath(new URL('../fixtures/pixel', import.meta.url));
const MODEL = join(FIXTURES, 'model');
const CLASSES = join(FIXTURES, 'classes');
const SIZE = { width: 8, height: 8 };

interface Case {
  readonly steps: number;
  readonly timesteps: readonly number[];
  readonly noises: readonly (readonly number[])[];
  readonly picture: readonly number[];
}

async function recorded(name: string): Promise<Case[]> {
  return JSON.parse(await readFile(join(FIXTURES, `${name}.json`), 'utf8')) as Case[];
}

async function run(command: Command, ...argv: string[]): Promise<{ code: number; lines: string[] }> {
  const lines: string[] = [];
  const context = commandContext({ print: (line) => lines.push(line) });
  return { code: await command(argv, context), lines };
}

const asks = { strength: 1, guidance: 1, seed: 1 };

/** Noise as a .npy file: float32 [steps, 3, 8, 8]. */
function npyOf(noises: Case['noises']): Buffer {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${noises.length}, 3, 8, 8), }`.padEnd(117) + '\n';
  const start = Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), Buffer.from([118, 0])]);
  return Buffer.concat([start, Buffer.from(header), Buffer.from(Float32Array.from(noises.flat()).buffer)]);
}

describe('a consistency model of pixels', () => {
  let pipeline: Pipeline;
  let work: string;

  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), 'underpaint-pixel-'));
    pipeline = await loadPipeline(MODEL, { threads: 1 });
  });
  afterAll(async () => {
    await pipeline.dispose();
    await rm(work, { recursive: true });
  });

  describe.each([
    ['model', ''],
    ['classes', '7'],
  ])('%s, prompt "%s"', async (folder, prompt) => {
    it.each(await recorded(folder))('paints what ConsistencyModelPipeline paints in $steps steps', async (wanted) => {
      const model = await loadPipeline(join(FIXTURES, folder), { threads: 1 });
      const noise = (index: number) => Float32Array.from(wanted.noises[index]!);
      const sample = await beginOne(model, { ...asks, prompt, steps: wanted.steps, noise });
      expect(maxDifference(sample.plan.timesteps, wanted.timesteps)).toBeLessThan(1e-4);
      while (!sample.done) await model.step([sample]);
      expect(maxDifference(sample.denoised, wanted.picture)).toBeLessThan(1e-4);
      await model.dispose();
    });
  });

  it('paints the same through infer, from noise in a file', async () => {
    const [, wanted] = await recorded('model');
    const [noise, output] = [join(work, 'noise.npy'), join(work, 'out.png')];
    await writeFile(noise, npyOf(wanted!.noises));
    const argv = ['--model', MODEL, '--steps', '2', '--noise', noise, '--output', output];
    const { code } = await run(infer, ...argv);
    expect(code).toBe(0);
    const planes = await sharp(await readFile(output))
      .raw()
      .toBuffer();
    const pixels = Float32Array.from({ length: 192 }, (_, i) => planes[(i % 64) * 3 + Math.floor(i / 64)]! / 127.5 - 1);
    expect(maxDifference(pixels, wanted!.picture)).toBeLessThan(1.01 / 255);
  });

  it('keeps more of a sketch the less strength there is', async () => {
    const picture = makePicture(SIZE);
    const changed = async (strength: number) => {
      const { pixels } = await pipeline.img2img({ ...asks, picture, prompt: '', steps: 2, strength });
      return pixels.reduce((sum, value, i) => sum + Math.abs(value - picture[i]!), 0) / pixels.length;
    };
    const [little, much] = [await changed(0), await changed(0.8)];
    expect(little).toBeLessThan(2);
    expect(much).toBeGreaterThan(10 * little);
  });

  it('runs rows at different points together as it would alone', async () => {
    const start = makePicture(SIZE);
    const begin = (steps: number) => beginOne(pipeline, { ...asks, start, prompt: '', steps, seed: steps });
    const [alone, together] = [await Promise.all([2, 4].map(begin)), await Promise.all([2, 4].map(begin))];
    for (const sample of alone) while (!sample.done) await pipeline.step([sample]);
    for (let left = together; left.length > 0; left = left.filter(({ done }) => !done)) await pipeline.step(left);
    together.forEach((sample, i) => expect(maxDifference(sample.denoised, alone[i]!.denoised)).toBeLessThan(1e-5));
  });

  it('is measured at the start of a worker like other models', async () => {
    expect(await calibrate(pipeline, 2)).toMatchObject({ maxRows: 2 });
    expect(pipeline.rowsPerFrame(7)).toBe(1);
  });

  it.each(['onestep', 'multistep', 'alternate', 'ddim'])('takes the sampler %s', async (sampler) => {
    const argv = ['--model', MODEL, '--sampler', sampler, '--steps', '4', '--output', join(work, 'out.jpg'), '--json'];
    const { lines } = await run(infer, ...argv);
    expect(JSON.parse(lines[0]!)).toMatchObject({ ...SIZE, steps: sampler === 'onestep' ? 1 : 4 });
  });

  it('is described by inspect', async () => {
    const { code, lines } = await run(inspect, MODEL, '--json');
    const { model, problems, components } = JSON.parse(lines[0]!) as Inspection;
    expect([code, problems]).toEqual([0, []]);
    expect(model).toMatchObject({ kind: 'pixel', guidance: 'none', vaeFactor: 1, ...SIZE });
    expect(components.map(({ name }) => name)).toEqual(['unet']);
    const words = (await run(inspect, MODEL)).lines.join('\n');
    expect(words).toMatch(/kind +pixel, guided by nothing\n +pictures +8 x 8, without an autoencoder/);
  });
});

describe('a model of pictures of numbered kinds', () => {
  it('takes the class from the prompt, or from the seed if there is none', async () => {
    const pipeline = await loadPipeline(CLASSES, { threads: 1 });
    const paint = async (prompt: string, seed: number) =>
      (await pipeline.img2img({ ...asks, picture: null, prompt, steps: 1, seed })).pixels;
    const [named, other] = [await paint(' 3 ', 13), await paint('4', 13)];
    expect(named).toEqual(await paint('a cat', 13));
    expect(named).not.toEqual(other);
    expect(named).toEqual(await paint('10', 13));
    await pipeline.dispose();
  });
});

describe('folders of pixels that cannot be served', () => {
  const changed = async (path: string, change: (json: Record<string, unknown>) => void) => {
    const dir = join(await mkdtemp(join(tmpdir(), 'underpaint-pixel-')), 'model');
    await cp(MODEL, dir, { recursive: true });
    const json = JSON.parse(await readFile(join(dir, path), 'utf8')) as Record<string, unknown>;
    change(json);
    await writeFile(join(dir, path), JSON.stringify(json));
    return dir;
  };

  it('are reported if --vae names an autoencoder', async () => {
    await expect(loadPipeline(MODEL, { vaeDir: CLASSES })).rejects.toThrow(
      /no autoencoder to replace: leave --vae out/,
    );
  });

  it('are reported if there is no schedule', async () => {
    const dir = await changed('scheduler/scheduler_config.json', (json) => (json.sigma_max = 0.001));
    await expect(loadPipeline(dir)).rejects.toThrow(/sigma_max is 0.001; it must be a number above sigma_min/);
  });

  it('are reported if the picture cannot be halved as often as the unet does', async () => {
    await expect(loadPipeline(MODEL, { size: { width: 9, height: 8 } })).rejects.toThrow(/9 x 8 pixels/);
  });

  it('are reported if the number of classes is missing', async () => {
    const dir = join(await mkdtemp(join(tmpdir(), 'underpaint-pixel-')), 'classes');
    await cp(CLASSES, dir, { recursive: true });
    await rm(join(dir, 'unet', 'config.json'));
    await expect(loadPipeline(dir)).rejects.toThrow(/class_labels/);
  });
});
