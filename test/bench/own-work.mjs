#!/usr/bin/env node
/*
 * Our own work without a model, on one thread of the processor: a UNet call of 16 rows in the shape of Stable Diffusion 1.5 at
 * 512 x 512 in half precision, of samples that begin and of samples that go on, and a picture in and out. Prints the least and the
 * median ms of the processor.
 *
 *     node test/bench/own-work.mjs [--rounds 50]
 *
 * Needs a build (npm run build).
 */
import { parseArgs } from 'node:util';
import { median, round } from '../../server/dist/cli/bench/statistics.js';
import { openPassingUnet, ANSWER } from '../../server/dist/pipeline/graphs/passing-unet.js';
import { openPassing } from '../../server/dist/pipeline/graphs/extended-graph.js';
import { channelMeans, pixels, signedPlanes } from '../../server/dist/pipeline/graphs/pixels.js';
import { factorRow } from '../../server/dist/pipeline/graphs/step-graph.js';
import { floatTensor, pixelRowsOf } from '../../server/dist/pipeline/graphs/tensor.js';
import { LcmScheduler } from '../../server/dist/pipeline/schedulers/lcm-scheduler.js';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '50' } } });
const graph = { device: 'cpu', deviceId: 0, threads: 1 };
const latents = { channels: 4, height: 64, width: 64 };
const SIZE = 4 * 64 * 64;
const ROWS = 16;

async function timed(work) {
  const times = [];
  for (let i = -5; i < Number(values.rounds); i++) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    if (i >= 0) times.push((user + system) / 1_000);
  }
  return { least: round(Math.min(...times)), median: round(median(times)) };
}

function filled(length) {
  return Float32Array.from({ length }, (_, i) => Math.sin(i));
}

async function stepMs() {
  const unet = await openPassingUnet({ graph, type: 'float16', isGuidedByRows: false });
  const plan = new LcmScheduler({}).plan({ steps: 4, strength: 1 });
  const answer = { [ANSWER]: floatTensor(filled(SIZE), [4, 64, 64]) };
  const samples = Array.from({ length: ROWS }, () => ({
    latents: filled(SIZE),
    factors: factorRow(plan.factors(0), { timestep: 999, guidance: 1, scale: 1 }),
    noise: filled(SIZE),
    rows: [answer],
  }));
  const result = await timed(async () => {
    const stepped = await unet.step(samples, latents);
    for (const [i, { next }] of stepped.entries()) samples[i].latents = next;
  });
  await unet.dispose();
  return result;
}

/** The conversions of one picture alone, and the work of JavaScript around them. */
async function pictureMs() {
  const picture = {
    type: 'uint8',
    data: Uint8Array.from({ length: 3 * 512 * 512 }, (_, i) => i % 251),
    shape: [1, 512, 512, 3],
  };
  const planes = { name: 'x', type: 'float32', shape: ['', 3, '', ''] };
  const passing = { name: 'pixels', inputs: [planes], passed: 'x', output: { ...planes, name: 'y' } };
  const into = await openPassing(
    passing,
    {
      extend: (specs, added) => (
        added.feed(specs.input('x'), signedPlanes(added, added.input('pictures', 'uint8', picture.shape))),
        []
      ),
    },
    graph,
  );
  const out = await openPassing(
    passing,
    {
      extend(_specs, added) {
        added.output({ name: 'pictures', type: 'uint8', shape: picture.shape }, pixels(added, 'y'));
        added.output({ name: 'means', type: 'float32', shape: [1, 3, 1, 1] }, channelMeans('y'));
        return [];
      },
    },
    graph,
  );
  const [x] = await into.run({ pictures: picture }, ['y']);
  return {
    in: await timed(() => into.run({ pictures: picture }, ['y'])),
    out: await timed(async () => pixelRowsOf((await out.run({ x }, ['pictures', 'means']))[0])),
  };
}

console.log(JSON.stringify({ rows: ROWS, step: await stepMs(), picture: await pictureMs() }));
