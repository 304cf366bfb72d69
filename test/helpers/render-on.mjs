/*
 * render-on.mjs DEVICE DIR PIXELS STEPS: renders one picture alone, three together, and two that join and leave each other's calls,
 * with the model in DIR, and prints their latents and pixels as JSON. A process of its own, because a device that failed to start
 * does so for the process.
 */
import { loadPipeline } from '../../server/dist/pipeline/pipeline.js';

const [device, dir, pixels, steps] = process.argv.slice(2);
const size = { width: Number(pixels), height: Number(pixels) };
const pipeline = await loadPipeline(dir, { device, size });
const picture = Uint8Array.from({ length: size.width * size.height * 3 }, (_, i) => 128 + 100 * Math.sin(i / 97));

async function begin(count, more = 0) {
  const request = { prompt: 'a lake', guidance: 2, steps: Number(steps) + more, strength: 0.6 };
  return pipeline.begin(Array.from({ length: count }, (_, seed) => ({ ...request, picture, seed })));
}

async function finish(samples) {
  const running = samples.filter(({ done }) => !done);
  if (running.length === 0) return read(samples);
  await pipeline.step(running);
  return finish(samples);
}

async function read(samples) {
  const pictures = await pipeline.vaeDecode(samples.map(({ denoised }) => denoised));
  return samples.map(({ denoised }, i) => ({ latents: [...denoised], pixels: [...pictures[i]] }));
}

/** The first one has a step alone, and the second one a step more than that. */
async function overlapping() {
  const [first] = await begin(1, 1);
  await pipeline.step([first]);
  const [, second] = await begin(2, 2);
  return finish([second, first]);
}

// One more than a power of two, so that the call is padded.
const results = [...(await finish(await begin(1))), ...(await finish(await begin(3))), ...(await overlapping())];
await pipeline.dispose();
process.stdout.write(JSON.stringify(results));
