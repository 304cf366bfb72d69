#!/usr/bin/env node
/*
 * Our server beside other ways to run the same model on this processor: the same weights, sketches, steps and JPEGs.
 *
 *     node test/bench/peers/peers.mjs [--model DIR] [--python PYTHON] [--rounds 8] [--frames 20] [--in-flight 1]
 *                                     [--build DIR] [--ways ours,ort,...]
 *
 * All ways are loaded at once and paint in blocks, in an order that rotates, so that all see the same machine. The table has
 * medians, and medians of the ratios within a round. `ours` is what `npm start` gives one person over a socket. --build names
 * an older checkout of this project that is built, to compare with. Then all ways run the embedded model of that one, which is
 * copied and, with --python, quantised for `ours`. Python needs models/train/requirements.txt; without --python only the servers
 * are compared. Another --model must be a latent consistency model with embedded guidance.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readExampleFrames } from '../../../server/dist/cli/bench/example-frames.js';
import { median, round } from '../../../server/dist/cli/bench/statistics.js';
import { readNpy } from '../../../server/dist/cli/parity/npy.js';
import { availableCores } from '../../../server/dist/inference/host/cores.js';
import { openServed } from './served-way.mjs';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PEER = fileURLToPath(new URL('./peer.py', import.meta.url));
const STEPS = 2;
const PARAMS = { prompt: 'a lake', steps: STEPS, minSteps: STEPS, quality: 80, preview: false };
const SERVERS = {
  ours: { about: 'ours, as `npm start` gives it', args: [] },
  'ours-one-worker': { about: 'ours, `--workers 1`', args: ['--workers', '1'] },
  'ours-fp32': { about: 'ours, `--dtype fp32`', args: ['--dtype', 'fp32'] },
};
const PEERS = {
  ort: 'ONNX Runtime in Python, spinning off',
  'ort-defaults': 'ONNX Runtime in Python, default options',
  torch: 'PyTorch, eager, float32',
  'torch-compile': 'torch.compile, frozen, float32',
  'torch-compile-bf16': 'torch.compile, frozen, bfloat16',
};

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    python: { type: 'string' },
    rounds: { type: 'string', default: '8' },
    frames: { type: 'string', default: '20' },
    'in-flight': { type: 'string', default: '1' },
    build: { type: 'string' },
    ways: { type: 'string' },
  },
});
const [rounds, count, inFlight] = [values.rounds, values.frames, values['in-flight']].map(Number);
const work = mkdtempSync(join(tmpdir(), 'underpaint-peers-'));
const frames = await readExampleFrames();
frames.forEach((frame, i) => writeFileSync(join(work, `${i}.jpg`), frame));

const model = values.model ?? (values.build ? modelOf(values.build) : join(ROOT, 'models/landscape'));
const ways = await openAll();
try {
  console.log(`${cpus()[0].model.trim()}, ${availableCores()} cores, ${inFlight} in flight`);
  await comparePictures();
  printTable(await measure());
} finally {
  for (const { stop } of Object.values(ways)) await stop();
  rmSync(work, { recursive: true });
}
process.exit();

/** A copy of the embedded model of a build, with int8 graphs beside its own. */
function modelOf(build) {
  const copy = join(work, 'landscape');
  cpSync(join(build, 'models/landscape'), copy, { recursive: true, filter: (path) => !path.endsWith('.optimised') });
  if (!values.python) return copy;
  const tool = join(ROOT, 'models/export');
  const env = { ...process.env, PYTHONPATH: [tool, join(ROOT, 'models/common')].join(':') };
  const args = ['-W', 'ignore', '-m', 'underpaint_export', 'int8', copy, '--pictures', join(copy, 'examples')];
  const done = spawnSync(values.python, args, { cwd: tool, env, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(done.stderr);
  console.log(done.stdout.trim());
  return copy;
}

async function openAll() {
  const wanted = (name) => !values.ways || values.ways.split(',').includes(name);
  const opened = {};
  for (const [name, { about, args }] of Object.entries(SERVERS)) {
    const served = { build: ROOT, args: ['--model', model, ...args], params: PARAMS, frames, inFlight };
    if (wanted(name)) opened[name] = { about, ...(await openServed(served)) };
  }
  if (values.build) {
    const served = { build: values.build, args: ['--model', model], params: PARAMS, frames, inFlight };
    opened.build = { about: 'the older build, as `npm start` gives it', ...(await openServed(served)) };
  }
  for (const [name, about] of values.python ? Object.entries(PEERS) : []) {
    const peer = wanted(name) && (await openPeer(name).catch((error) => console.error(`${about}: ${error.message}`)));
    if (peer) opened[name] = { about, ...peer };
  }
  return opened;
}

async function openPeer(name) {
  const args = [PEER, name, model, work, String(availableCores()), String(STEPS)];
  const child = spawn(values.python, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (text) => (errors += text));
  const lines = createInterface({ input: child.stdout });
  const answer = async () => {
    const [line] = await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => [])]);
    if (line === undefined) throw new Error(errors.trim().split('\n').at(-1) || 'it ended');
    return JSON.parse(line);
  };
  const ready = await answer();
  return {
    ...ready,
    frames(wanted) {
      child.stdin.write(`${JSON.stringify({ frames: wanted, inFlight })}\n`);
      return answer();
    },
    async stop() {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

/** How many levels the pictures of the peers are from ours of the same noise, in single precision. */
async function comparePictures() {
  const names = Object.keys(PEERS).filter((name) => name in ways);
  if (names.length === 0) return;
  const settings = ['--dtype', 'fp32', '--steps', String(STEPS), '--prompt', PARAMS.prompt];
  const files = [
    '--input',
    join(work, '0.jpg'),
    '--noise',
    join(work, 'noise.npy'),
    '--output',
    join(work, 'ours.png'),
  ];
  const command = [join(ROOT, 'server/bin/underpaint.js'), 'infer', '--model', model, ...files, ...settings];
  const done = spawnSync('node', command, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(done.stderr);
  const { default: sharp } = await import('sharp');
  const ours = await sharp(readFileSync(join(work, 'ours.png')))
    .raw()
    .toBuffer();
  for (const name of names) {
    const { data } = await readNpy(join(work, `${name}.npy`));
    const differences = [...ours].map((value, i) => Math.abs(value - data[i])).sort((a, b) => a - b);
    const most = differences[Math.floor(0.999 * differences.length)];
    console.log(`${ways[name].about}: 99.9 % of the pixels within ${most} levels of ours in float32`);
  }
}

async function measure() {
  const names = Object.keys(ways);
  const results = Object.fromEntries(names.map((name) => [name, []]));
  // The first round is for caches and clocks.
  for (let turn = -1; turn < rounds; turn++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + turn + 1) % names.length];
      const { latencyMs, wallMs, cpuMs } = await ways[name].frames(turn < 0 ? 3 : count, inFlight);
      if (turn < 0) continue;
      results[name].push({ latencyMs: median(latencyMs), perSecond: (1_000 * latencyMs.length) / wallMs, cpuMs });
    }
  }
  return results;
}

function printTable(results) {
  const [first] = Object.keys(results);
  const middle = (name, key) => median(results[name].map((one) => one[key]));
  const over = (name, key) => round(median(results[name].map((one, i) => one[key] / results[first][i][key])));
  console.log(`
| way | latency, ms | over the first | pictures a second | over the first | processor time a picture, ms | over the first | first picture, s |
|---|---|---|---|---|---|---|---|`);
  for (const name of Object.keys(results)) {
    const keys = ['latencyMs', 'perSecond', 'cpuMs'];
    const cells = keys.flatMap((key) => [round(middle(name, key)), over(name, key)]);
    console.log(`| ${[ways[name].about, ...cells, round(ways[name].firstPictureMs / 1_000)].join(' | ')} |`);
  }
}
