import { MODEL_OPTIONS } from '../config/model-options.js';
import { findModel } from '../config/models-folder.js';
import { list, whole, wholeIn, type Values } from '../config/option.js';
import {
  benchAdded,
  benchCluster,
  type AddedBenchRow,
  type ClusterBenchOptions,
  type ClusterBenchRow,
} from './bench/cluster-bench.js';
import { readExampleFrames } from './bench/example-frames.js';
import { round } from './bench/statistics.js';
import { defineCommand } from './command.js';
import { JSON_OPTION } from './common-options.js';
import { showProgress } from './progress.js';

const { model, device } = MODEL_OPTIONS;

const OPTIONS = {
  workers: list({ help: 'numbers of workers, one after the other', default: [1, 2, 4] }, wholeIn({ min: 1, max: 64 })),
  sessions: whole({ help: 'sessions, half of them on each gateway', min: 2, max: 1_000, default: 32 }),
  seconds: whole({ help: 'length of each measurement', min: 1, max: 1_000, default: 6 }),
  steps: whole({ help: 'UNet calls per picture', min: 1, max: 1_000, default: 4 }),
  fps: whole({ help: 'frames a second that each session captures', min: 1, max: 120, default: 10 }),
  quietSessions: whole({ help: 'sessions of the comparison without a broker', min: 2, max: 1_000, default: 4 }),
  quietFps: whole({ help: 'frames a second of each of them', min: 1, max: 120, default: 4 }),
  device: { ...device, help: 'of the workers: cpu, or fake:10ms+1ms', default: 'fake:10ms+1ms' },
  model,
  ...JSON_OPTION,
};

interface Overload {
  readonly framesPerSecond: number;
  /** Images a second over those of the first row. */
  readonly goodput: number;
  readonly p99Ms: number;
}

interface Report {
  readonly rows: readonly ClusterBenchRow[];
  readonly overload: Overload;
  readonly added: AddedBenchRow;
}

/** Frames in the overload over the images of the first row. */
const OVERLOAD = 5;

/** `underpaint bench cluster`: two gateways that share workers over NATS. */
export const benchClusterCommand = defineCommand({
  name: 'bench cluster',
  about: `Measures two gateways that share 1, 2 and 4 workers over a NATS server of its own: images a second, fairness, and
bytes over the broker; then five times as many frames as the first row has images; then what the broker adds to a frame,
beside a server with a worker of its own, at little load.`,
  options: OPTIONS,
  async run(values, { env, print }) {
    const report = await measure({ ...values, model: findModel(values.model, env) });
    for (const line of values.json ? [JSON.stringify(report)] : linesOf(report)) print(line);
    return 0;
  },
});

async function measure(values: Values<typeof OPTIONS>): Promise<Report> {
  const progress = showProgress('bench cluster');
  try {
    const options: ClusterBenchOptions = { ...values, frames: await readExampleFrames() };
    const { workers, quietSessions, quietFps } = values;
    const measured: Omit<ClusterBenchRow, 'linear'>[] = [];
    for (const [i, count] of workers.entries()) {
      measured.push(await benchCluster(count, options));
      progress.update((i + 1) / (workers.length + 2));
    }
    const rows = measured.map((row) => ({ ...row, linear: linearOf(row, measured[0]!, values) }));
    const overload = await benchOverload(rows[0]!, options);
    progress.update((workers.length + 1) / (workers.length + 2));
    const added = await benchAdded({ ...options, sessions: quietSessions, fps: quietFps });
    return { rows, overload, added };
  } finally {
    progress.stop();
  }
}

async function benchOverload(first: ClusterBenchRow, options: ClusterBenchOptions): Promise<Overload> {
  const fps = Math.ceil((OVERLOAD * first.imagesPerSecond) / options.sessions);
  const { imagesPerSecond, p99Ms } = await benchCluster(first.workers, { ...options, fps });
  return { framesPerSecond: fps * options.sessions, goodput: round(imagesPerSecond / first.imagesPerSecond), p99Ms };
}

function linearOf(
  { imagesPerSecond, workers }: Pick<ClusterBenchRow, 'imagesPerSecond' | 'workers'>,
  first: Pick<ClusterBenchRow, 'imagesPerSecond' | 'workers'>,
  { sessions, fps }: Pick<ClusterBenchOptions, 'sessions' | 'fps'>,
): number {
  const scaled = (first.imagesPerSecond / first.workers) * workers;
  return round(imagesPerSecond / Math.min(scaled, sessions * fps));
}

const COLUMNS = ['workers', 'sessions', 'imagesPerSecond', 'linear', 'p50Ms', 'p99Ms', 'jain', 'brokerBytes'] as const;

function linesOf({ rows, overload, added }: Report): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.padStart(15)).join(' | ')} |`;
  const { aloneP50Ms, aloneP99Ms, addedP50Ms, addedP99Ms } = added;
  return [
    line(COLUMNS),
    line(COLUMNS.map(() => '-'.repeat(14) + ':')),
    ...rows.map((row) => line(COLUMNS.map((column) => String(row[column])))),
    `${overload.framesPerSecond} frames a second: ${overload.goodput} x the images of the first row, ${overload.p99Ms} ms (99 %)`,
    `the broker adds ${addedP50Ms} ms to ${aloneP50Ms} ms (median), and ${addedP99Ms} ms to ${aloneP99Ms} ms (99 %)`,
  ];
}
