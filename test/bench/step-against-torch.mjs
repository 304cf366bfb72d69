#!/usr/bin/env node
/*
 * One UNet step of the folder that full_size.py wrote, at 512 x 512 on the processor, three ways in turn so that all see the
 * same machine: our pipeline, the bare runtime with the same graph and options, and diffusers with PyTorch on the same
 * weights. Prints their median times, in ms of the clock and of the processor, and the median of our ratio to each other one.
 *
 *     node test/bench/step-against-torch.mjs DIR [--rounds 3] [--threads N] [--python PYTHON]
 *
 * Without --python, PyTorch is left out. Needs a build (npm run build) and 12 GB of memory.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BareRuns } from '../../server/dist/cli/bench/bare-runs.js';
import { median, round } from '../../server/dist/cli/bench/statistics.js';
import { optimisedDirOf } from '../../server/dist/inference/cache-folder.js';
import { availableCores } from '../../server/dist/inference/host/cores.js';
import { loadPipeline } from '../../server/dist/pipeline/pipeline.js';

const TORCH = fileURLToPath(new URL('./torch_step.py', import.meta.url));
const SIZE = { width: 512, height: 512 };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    threads: { type: 'string', default: String(availableCores()) },
    python: { type: 'string' },
  },
});
const [dir] = positionals;
if (!dir) throw new Error('name the folder: node test/bench/step-against-torch.mjs DIR');
const threads = Number(values.threads);
const optimisedDir = optimisedDirOf(dir, process.env);

/** Each makes one step and returns its times. */
const ways = { ours: await ourStep(), bare: await bareStep(), ...(values.python ? { torch: await torchStep() } : {}) };
const times = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
const names = Object.keys(ways);
// The first round is for pages and caches. Each begins with another one, because the first finds the caches cold.
for (let turn = -1; turn < Number(values.rounds); turn++) {
  for (let i = 0; i < names.length; i++) {
    const name = names[(i + turn + 1) % names.length];
    const took = await ways[name]();
    if (turn >= 0) times[name].push(took);
  }
}
const medians = (key) =>
  Object.fromEntries(names.map((name) => [name, round(median(times[name].map((one) => one[key])))]));
/** Within each round first, so that a machine that is slower for a while is so for both. */
const over = (name, key) => round(median(times.ours.map((one, i) => one[key] / times[name][i][key])));
const ratios = (key) => Object.fromEntries(names.slice(1).map((name) => [name, over(name, key)]));
console.log(
  JSON.stringify({
    threads,
    clockMs: medians('clockMs'),
    cpuMs: medians('cpuMs'),
    oursOver: { byClock: ratios('clockMs'), byCpu: ratios('cpuMs') },
  }),
);
process.exit();

async function ourStep() {
  const pipeline = await loadPipeline(dir, { threads, size: SIZE, optimisedDir });
  return timed(async () => {
    const request = { picture: null, prompt: 'a lake', guidance: 8, seed: 1, steps: 4, strength: 1 };
    await pipeline.step(await pipeline.begin([request]));
  });
}

async function bareStep() {
  const bare = await BareRuns.open(dir, { device: 'cpu', deviceId: 0, threads, ...SIZE, steps: 1, optimisedDir });
  return timed(() => bare.step());
}

async function torchStep() {
  const child = spawn(values.python, [TORCH, String(threads)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  process.on('exit', () => child.kill());
  await once(lines, 'line');
  return async () => {
    child.stdin.write('step\n');
    const [line] = await once(lines, 'line');
    return JSON.parse(line);
  };
}

function timed(step) {
  return async () => {
    const [startedMs, before] = [performance.now(), process.cpuUsage()];
    await step();
    const { user, system } = process.cpuUsage(before);
    return { clockMs: performance.now() - startedMs, cpuMs: (user + system) / 1_000 };
  };
}
