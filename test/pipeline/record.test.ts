import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { npyOf, readNpy } from '../../server/src/cli/parity/npy.js';
import { record } from '../../server/src/cli/record.js';
import { loadPipeline } from '../../server/src/pipeline/pipeline.js';
import { commandContext } from '../helpers/command-context.js';
import { makeModelFolder, makePicture } from './model-folder-fixture.js';

const SIZE = { width: 64, height: 64 };

let folder: Awaited<ReturnType<typeof makeModelFolder>>;
const at = (path: string): string => join(folder.dir, path);

beforeEach(async () => {
  folder = await makeModelFolder();
  await mkdir(at('sketches'));
  for (const name of ['b.png', 'a.png', 'c.png']) {
    const pixels = makePicture(SIZE, name.charCodeAt(0));
    await sharp(pixels, { raw: { ...SIZE, channels: 3 } }).toFile(at(`sketches/${name}`));
  }
});
afterEach(() => folder.dispose());

function run(...argv: string[]): Promise<number> {
  const where = ['--model', folder.dir, '--out', at('out'), '--threads', '1'];
  return record([at('sketches'), ...where, ...argv], commandContext());
}

describe('underpaint record', () => {
  it('writes what goes into each graph, call by call, and the pictures', async () => {
    expect(await run('--count', '2')).toBe(0);
    expect((await readdir(at('out'))).sort()).toEqual([
      'pictures',
      'text_encoder',
      'unet',
      'vae_decoder',
      'vae_encoder',
    ]);
    const sketch = await readNpy(at('out/vae_encoder/0000.sample.npy'));
    expect(sketch.shape).toEqual([1, 3, 64, 64]);
    // The first by name, in -1..1.
    const [red] = makePicture(SIZE, 'a'.charCodeAt(0));
    expect(sketch.data[0]).toBeCloseTo((2 * red!) / 255 - 1, 1);
    expect((await readdir(at('out/unet'))).filter((name) => name.startsWith('0000.')).sort()).toEqual([
      '0000.encoder_hidden_states.npy',
      '0000.sample.npy',
      '0000.timestep.npy',
      '0000.timestep_cond.npy',
    ]);
    expect(await readdir(at('out/pictures'))).toEqual(['0000.npy', '0001.npy']);
  });

  it('records what makes those pictures', async () => {
    await run('--count', '1');
    const latents = await readNpy(at('out/vae_decoder/0000.latent_sample.npy'));
    const picture = await readNpy(at('out/pictures/0000.npy'));
    expect(picture.shape).toEqual([64, 64, 3]);
    const pipeline = await loadPipeline(folder.dir, { threads: 1 });
    const [decoded] = await pipeline.vaeDecode([latents.data as Float32Array]);
    await pipeline.dispose();
    expect(decoded).toEqual(picture.data);
  });

  it('leaves pictures and inputs out', async () => {
    await run('--skip', '1', '--only-pictures');
    expect(await readdir(at('out'))).toEqual(['pictures']);
    expect(await readdir(at('out/pictures'))).toHaveLength(2);
  });

  it('takes prompts from the folder', async () => {
    await writeFile(at('sketches/prompts.json'), '["a lake", "a lake", "a hill"]');
    await run();
    expect(await readdir(at('out/text_encoder'))).toHaveLength(2);
    await writeFile(at('sketches/prompts.json'), '{"a.png": "a lake"}');
    await expect(run()).rejects.toThrow(/prompts\.json must be a list of texts/);
  });

  it('says that a folder has no pictures', async () => {
    const context = commandContext();
    await expect(record([folder.dir], context)).rejects.toThrow(/has no pictures \(\.png, \.jpg or \.webp\)/);
    await expect(record([at('none')], context)).rejects.toThrow(/none cannot be read/);
  });
});

describe('an array written for numpy', () => {
  it.each([
    ['float32', [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6.5)],
    ['uint8', [4], Uint8Array.of(1, 2, 3, 255)],
    ['int64', [1, 2], BigInt64Array.of(1n, -2n)],
  ] as const)('is read again: %s', async (type, shape, data) => {
    await writeFile(at('x.npy'), npyOf(type, shape, data));
    expect(await readNpy(at('x.npy'))).toEqual({ shape, data });
  });

  it('begins its numbers at a multiple of 64 bytes', () => {
    expect(npyOf('float32', [1], Float32Array.of(1)).length % 64).toBe(4);
  });
});
