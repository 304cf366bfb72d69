#!/usr/bin/env node
/*
 * What a server costs before anybody draws: the time to its first picture, and the memory of all its processes.
 *
 *     node test/bench/footprint.mjs [--model DIR] [--build DIR] [--rounds 3] [-- OPTIONS OF serve]
 *
 * --build names another checkout of this project that is built, to compare with; each build serves its own embedded model unless
 * --model names one for both. The builds take turns. A first start of each, which measures the machine, is not counted.
 * Memory is the proportional set size, from /proc/PID/smaps_rollup: a page that several processes share counts once. Linux only.
 * It is read when the server is at rest, and ten times a second while one person draws, a second one joins and the layout of the
 * workers changes.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { LoadClient } from '../../server/dist/cli/bench/load-client.js';
import { readExampleFrames } from '../../server/dist/cli/bench/example-frames.js';
import { median, round } from '../../server/dist/cli/bench/statistics.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PARAMS = { prompt: 'a lake', steps: 2, minSteps: 2, preview: false };
const LOOK_MS = 100;
/** A server at rest has freed what its start needed. */
const REST_MS = 3_000;
const ALONE_MS = 4_000;
/** Long enough for a second person to be noticed and for new workers to load. */
const TOGETHER_MS = 15_000;
const FPS = 15;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { model: { type: 'string' }, build: { type: 'string' }, rounds: { type: 'string', default: '3' } },
});
const frames = await readExampleFrames();
const builds = { 'this build': ROOT, ...(values.build && { [`the build in ${values.build}`]: values.build }) };
const results = Object.fromEntries(Object.keys(builds).map((name) => [name, []]));
for (let turn = -1; turn < Number(values.rounds); turn++) {
  for (const [name, build] of Object.entries(builds)) {
    const result = await measure(build);
    if (turn >= 0) results[name].push(result);
  }
}
printTable();

async function measure(build) {
  const startedMs = performance.now();
  const served = await serve(build);
  const readyMs = performance.now() - startedMs;
  try {
    const first = await LoadClient.open({ url: served.url, params: PARAMS, frames });
    const record = first.measure();
    first.start(FPS, 0);
    while (record.imageMs.length === 0) await sleep(1);
    const firstPictureMs = performance.now() - startedMs;
    first.close();
    await sleep(REST_MS);
    const rest = pssBytes(served.pid);
    return { readyMs, firstPictureMs, rest, ...(await measureChange(served)) };
  } finally {
    await served.stop();
  }
}

/** The most memory while one person draws, and while a second one does too. */
async function measureChange({ url, pid }) {
  const open = () => LoadClient.open({ url, params: PARAMS, frames });
  const [one, other] = [await open(), await open()];
  one.start(FPS, 0);
  const alone = await peakBytes(pid, ALONE_MS);
  other.start(FPS, 0);
  const change = await peakBytes(pid, TOGETHER_MS);
  one.close();
  other.close();
  return { alone, change };
}

async function serve(build) {
  const quiet = ['--port', '0', '--log-level', 'error', '--refine-steps', '0', '--target-server-ms', '600000'];
  const args = [...quiet, ...(values.model ? ['--model', values.model] : []), ...positionals];
  const child = spawn(process.execPath, [join(build, 'server/bin/underpaint.js'), 'serve', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /^underpaint is ready: (\S+)$/.exec(line)?.[1];
    if (!address) continue;
    child.stdout.resume();
    return { url: `${address.replace('http', 'ws')}ws`, pid: child.pid, stop: () => stop(child) };
  }
  throw new Error('the server did not start');
}

async function stop(child) {
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

async function peakBytes(pid, forMs) {
  let most = 0;
  for (const startedMs = performance.now(); performance.now() - startedMs < forMs; await sleep(LOOK_MS)) {
    most = Math.max(most, pssBytes(pid));
  }
  return most;
}

/** The proportional set size of a process and its children; 0 once it has ended. */
function pssBytes(pid) {
  try {
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
    );
    const [, kb] = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
    return 1_024 * Number(kb) + children.reduce((sum, child) => sum + pssBytes(child), 0);
  } catch {
    return 0;
  }
}

function printTable() {
  const columns = {
    readyMs: ['ready, s', 1e3],
    firstPictureMs: ['first picture, s', 1e3],
    rest: ['at rest, MB', 1e6],
    alone: ['one person, MB', 1e6],
    change: ['layout changes, MB', 1e6],
  };
  const keys = Object.keys(columns);
  const head = ['', ...keys.map((key) => columns[key][0])];
  console.log(`| ${head.join(' | ')} |\n|${'---|'.repeat(head.length)}`);
  for (const [name, rows] of Object.entries(results)) {
    const cells = keys.map((key) => round(median(rows.map((row) => row[key])) / columns[key][1]));
    console.log(`| ${[name, ...cells].join(' | ')} |`);
  }
  const [mine, theirs] = Object.values(results);
  if (!theirs) return;
  const ratios = keys.map((key) => round(median(mine.map((row, i) => row[key] / theirs[i][key]))));
  console.log(`| this build over the other | ${ratios.join(' | ')} |`);
  const overRest = median(mine.map(({ change }, i) => change / theirs[i].rest));
  console.log(`\nWhile the layout changes, over the other build at rest: ${round(overRest)}.`);
}
