/*
 * render-on.mjs DEVICE DIR PIXELS STEPS: renders one picture alone and three together with the model in DIR, and prints
 * their latents and pixels as JSON. A process of its own, because a device that failed to start does so for the process.
 */
import { loadPipeline } from '../../server/dist/pipeline/pipeline.js';

const [device, dir, pixels, steps] = process.argv.slice(2);
const size = { width: Number(pixels), height: Number(pixels) };
const pipeline = await loadPipeline(dir, { device, size });
const picture = Uint8Array.from({ length: size.width * size.height * 3 }, (_, i) => 128 + 100 * Math.sin(i / 97));

async function render(count) {
  const request = { prompt: 'a lake', guidance: 2, steps: Number(steps), strength: 0.6 };
  const samples = await pipeline.begin(Array.from({ length: count }, (_, seed) => ({ ...request, picture, seed })));
  while (!samples[0].done) await pipeline.step(samples);
  const pictures = await pipeline.vaeDecode(samples.map(({ denoised }) => denoised));
  return samples.map(({ denoised }, i) => ({ latents: [...denoised], pixels: [...pictures[i]] }));
}

// One more than a power of two, so that the call is padded.
const results = [...(await render(1)), ...(await render(3))];
await pipeline.dispose();
process.stdout.write(JSON.stringify(results));
