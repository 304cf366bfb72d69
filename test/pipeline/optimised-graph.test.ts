import { cp, mkdir, mkdtemp, readdir, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openGraph } from '../../server/src/pipeline/graphs/optimised-graph.js';
import type { Graph } from '../../server/src/pipeline/graphs/ort.js';
import { MODELS_DIR } from './model-folder-fixture.js';

const LANDSCAPE = fileURLToPath(new URL('../../models/landscape', import.meta.url));
const CPU = { device: 'cpu', deviceId: 0, threads: 1 } as const;

describe('an optimised graph', () => {
  let work: string;
  const at = (path: string): string => join(work, path);
  const options = { ...CPU, optimisedDir: () => at('kept') };
  const open = () => openGraph(at('vae_decoder/model.onnx'), options);
  const kept = () => readdir(at('kept/vae_decoder-bare'));

  beforeEach(async () => {
    work = await mkdtemp(join(tmpdir(), 'underpaint-optimised-'));
    await cp(join(LANDSCAPE, 'vae_decoder'), at('vae_decoder'), { recursive: true });
  });
  afterEach(() => rm(work, { recursive: true }));

  async function pictureOf(graph: Graph): Promise<ArrayLike<number | bigint>> {
    const data = Float32Array.from({ length: 12 * 16 * 16 }, (_, i) => Math.sin(i / 97));
    const latents = { type: 'float32', data, shape: [1, 12, 16, 16] } as const;
    const [picture] = await graph.run({ latent_sample: latents }, [graph.output('sample').name]);
    return picture!.data;
  }

  it('is kept at the first load and read at the next, with the same inputs and numbers', async () => {
    const [plain, first, second] = [await openGraph(at('vae_decoder/model.onnx'), CPU), await open(), await open()];
    expect(await kept()).toHaveLength(1);
    for (const graph of [first, second]) {
      expect([graph.path, graph.inputs, graph.outputs]).toEqual([plain.path, plain.inputs, plain.outputs]);
      expect(await pictureOf(graph)).toEqual(await pictureOf(plain));
    }
  });

  it('is made again if the graph has changed, and the old one is deleted', async () => {
    await open();
    const [before] = await kept();
    await utimes(at('vae_decoder/model.onnx'), 1, 1);
    await open();
    expect(await kept()).toEqual([expect.not.stringContaining(before!)]);
  });

  it('is made again if weights beside it have changed, whatever their name', async () => {
    await cp(join(LANDSCAPE, 'unet'), at('unet'), { recursive: true });
    const load = () => openGraph(at('unet/model.onnx'), options);
    await load();
    const [before] = await readdir(at('kept/unet-bare'));
    await utimes(at('unet/diffusion_pytorch_model.safetensors'), 1, 1);
    await load();
    expect(await readdir(at('kept/unet-bare'))).toEqual([expect.not.stringContaining(before!)]);
  });

  it('deletes the files of a killed load, once nobody can be using them', async () => {
    await open();
    const [whole] = await kept();
    for (const name of ['1.new', '1.old']) await mkdir(at(`kept/vae_decoder-bare/${name}`));
    await utimes(at('kept/vae_decoder-bare/1.old'), 1, 1);
    await open();
    expect(new Set(await kept())).toEqual(new Set(['1.new', whole]));
  });

  it('is made again if it was cut short', async () => {
    await open();
    const data = join(at('kept/vae_decoder-bare'), (await kept())[0]!, 'model.onnx_data');
    const { size } = await stat(data);
    await truncate(data, size / 2);
    await open();
    expect((await stat(data)).size).toBe(size);
  });

  it('is left out if it cannot be written, or would save nothing', async () => {
    await writeFile(at('file'), '');
    const nowhere = { ...CPU, optimisedDir: () => at('file/kept') };
    expect((await openGraph(at('vae_decoder/model.onnx'), nowhere)).inputs.size).toBe(1);
    await openGraph(join(MODELS_DIR, 'lcm/vae_decoder/model.onnx'), options);
    await openGraph(at('vae_decoder/model.onnx'), { ...options, optimisation: 'basic' });
    expect(await readdir(work)).toEqual(['file', 'vae_decoder']);
  });

  it('does not hide an error in the graph', async () => {
    await writeFile(at('vae_decoder/model.onnx'), Buffer.alloc(2 << 20));
    await expect(open()).rejects.toThrow(/vae_decoder.model\.onnx does not load on cpu: /);
    expect(await kept()).toEqual([]);
  });
});
