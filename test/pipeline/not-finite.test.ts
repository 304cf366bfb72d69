import { afterEach, beforeEach, expect, it } from 'vitest';
import { calibrate } from '../../server/src/inference/device/calibrate.js';
import { ModelError } from '../../server/src/pipeline/errors.js';
import { loadPipeline, type Pipeline } from '../../server/src/pipeline/pipeline.js';
import { beginAll } from '../helpers/begin.js';
import { putOverflowing, type Limits } from '../helpers/overflowing.js';
import { makeModelFolder } from './model-folder-fixture.js';

/* Graphs that overflow for pictures brighter than plain grey: no frame may become black because of it. */

const SIZE = { width: 8, height: 8 };
const REQUEST = { prompt: 'a lake', steps: 1, strength: 0.02, guidance: 1, seed: 1 };

let folder: Awaited<ReturnType<typeof makeModelFolder>>;
let pipeline: Pipeline | undefined;
beforeEach(async () => void (folder = await makeModelFolder({ kind: 'lcm-lora' })));
afterEach(async () => {
  await pipeline?.dispose();
  pipeline = undefined;
  await folder.dispose();
});

async function load(limits: Limits): Promise<Pipeline> {
  await putOverflowing(folder.dir, limits);
  return (pipeline = await loadPipeline(folder.dir, { size: SIZE }));
}

const grey = (value: number) => new Uint8Array(SIZE.width * SIZE.height * 3).fill(value);

it.each([
  ['vae_encoder', { gain: 100, encoder: 50 }, /^vae_encoder\/model\.onnx .* not finite: autoencoders .* --vae$/],
  ['unet', { gain: 100, unet: 50 }, /^unet\/model\.onnx .* not finite: in half precision .* less guidance/],
  ['vae_decoder', { gain: 100, decoder: 50 }, /^vae_decoder\/model\.onnx .* not finite: autoencoders .* --vae$/],
] as const)('out of the %s is told with the name of the graph and what helps', async (_part, limits, message) => {
  const model = await load(limits);
  // The first load is what a start does; plain grey goes through.
  await calibrate(model, 1);
  expect((await model.img2img({ ...REQUEST, picture: grey(128) })).pixels).toHaveLength(192);
  const failed = model.img2img({ ...REQUEST, picture: grey(255) });
  await expect(failed).rejects.toBeInstanceOf(ModelError);
  await expect(failed).rejects.toThrow(message);
});

it('is reported at the start if even plain grey gives it', async () => {
  const model = await load({ gain: 300, encoder: 1 });
  await expect(calibrate(model, 1)).rejects.toThrow(/^vae_encoder\/model\.onnx gives numbers that are not finite/);
});

it('of one row is not that of the others in its call', async () => {
  const model = await load({ gain: 100, unet: 50 });
  const pictures = [grey(128), grey(255), grey(140)];
  const samples = await beginAll(
    model,
    pictures.map((picture) => ({ ...REQUEST, picture })),
  );
  await model.step(samples);
  expect(samples.map(({ failure }) => failure === undefined)).toEqual([true, false, true]);
  expect(samples[2]!.denoised.every(Number.isFinite)).toBe(true);
});

it('of one picture is not that of the others in its call', async () => {
  const model = await load({ decoder: 50 });
  const size = 4 * SIZE.width * SIZE.height;
  const decoded = await model.vaeDecode([1, 100, 2].map((value) => new Float32Array(size).fill(value)));
  expect(decoded.map((picture) => picture instanceof ModelError)).toEqual([false, true, false]);
});
