#!/usr/bin/env node
/*
 * What a device does with a model: for calls of 1, 2, 4, 8 and 16 frames, the ms of a UNet call with our work in it, of the bare
 * graph on constant data, and of pictures in and out. Prints a table for an issue: each number is the median of --rounds.
 *
 *     node test/bench/device-table.mjs DIR --device cuda [--size 512x512] [--rows 16] [--rounds 10]
 *
 * Needs a build (npm run build).
 */
import { arch, cpus, platform } from 'node:os';
import { parseArgs } from 'node:util';
import { BareRuns } from '../../server/dist/cli/bench/bare-runs.js';
import { median } from '../../server/dist/cli/bench/statistics.js';
import { loadPipeline, samplesOf } from '../../server/dist/pipeline/pipeline.js';
import { RUNTIME_VERSION } from '../../server/dist/pipeline/graphs/ort.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    device: { type: 'string', default: 'cpu' },
    size: { type: 'string' },
    rows: { type: 'string', default: '16' },
    rounds: { type: 'string', default: '10' },
  },
});
const [dir] = positionals;
if (!dir) throw new Error('name the folder: node test/bench/device-table.mjs DIR --device cuda');
const [width, height] = values.size?.split('x').map(Number) ?? [];
const options = { device: values.device, deviceId: 0, threads: 0 };
const pipeline = await loadPipeline(dir, { ...options, size: width ? { width, height } : undefined });
const { info } = pipeline;

console.log(`${info.name}, ${info.kind}, ${info.dtype}, ${info.width} x ${info.height}, on ${values.device}`);
console.log(`ONNX Runtime ${RUNTIME_VERSION}, Node ${process.version}, ${platform()} ${arch()}, ${cpus()[0]?.model}\n`);
console.log('| frames | step ms | bare graph ms | ratio | pictures in ms | pictures out ms |');
console.log('|---|---|---|---|---|---|');
for (let frames = 1; frames <= Number(values.rows); frames *= 2) {
  const bare = await BareRuns.open(dir, { ...options, width: info.width, height: info.height, steps: 1, rows: frames });
  const times = { begin: [], step: [], bare: [], decode: [] };
  // In turn, so that both see the same machine; the first round compiles and fills caches.
  for (let round = -1; round < Number(values.rounds); round++) {
    const took = await roundOf(frames, bare);
    if (round >= 0) for (const name of Object.keys(times)) times[name].push(took[name]);
  }
  await bare.dispose();
  const {
    begin,
    step,
    bare: bareMs,
    decode,
  } = Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)]));
  const cells = [frames, ms(step), ms(bareMs), (step / bareMs).toFixed(2), ms(begin), ms(decode)];
  console.log(`| ${cells.join(' | ')} |`);
}
await pipeline.dispose();

async function roundOf(frames, bare) {
  const picture = new Uint8Array(info.width * info.height * 3).fill(128);
  const request = { prompt: 'a lake', steps: 1, strength: 1, guidance: 1, picture, start: picture };
  const begun = await timed(() => pipeline.begin(Array.from({ length: frames }, (_, seed) => ({ ...request, seed }))));
  const samples = samplesOf(begun.result);
  const step = await timed(() => pipeline.step(samples));
  const bareStep = await timed(() => bare.step());
  const decode = await timed(() => pipeline.vaeDecode(samples.map(({ denoised }) => denoised)));
  return { begin: begun.ms, step: step.ms, bare: bareStep.ms, decode: decode.ms };
}

async function timed(work) {
  const startedMs = performance.now();
  const result = await work();
  return { result, ms: performance.now() - startedMs };
}

function ms(value) {
  return value.toFixed(1);
}
