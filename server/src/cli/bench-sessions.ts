import { writeFile } from 'node:fs/promises';
import { DEFAULTS } from '../config/config.js';
import { findBestLayout } from './bench/bare-layouts.js';
import { drawCharts } from './bench/chart.js';
import { readExampleFrames } from './bench/example-frames.js';
import { Served } from './bench/served.js';
import { benchSessions, type SessionBenchRow } from './bench/session-bench.js';
import { round } from './bench/statistics.js';
import { findModel } from '../config/models-folder.js';
import type { Command } from './command.js';
import { readCount, readFlags } from './flags.js';
import { showProgress } from './progress.js';

const HELP = `Usage: underpaint bench sessions [options]

Many sessions at once over real sockets, each sending 15 frames a second.

  --sessions LIST  how many, one after the other (default: 1,2,4,8,16)
  --seconds N      how long each (default: 4)
  --steps N        UNet calls of a picture (default: 2)
  --max-rows N     rows of one UNet call; 0 measures (default: 0)
  --workers N      worker processes; 0 measures (default: 0)
  --device NAME    cpu, or fake:10ms+1ms: a UNet call waits 10 ms and 1 ms a row, and nothing else costs anything
  --model DIR      folder of the model, or OWNER/NAME (default: the embedded one)
  --plot FILE      draws the result (SVG)
  --json           prints one JSON array and nothing else
  --help           this text`;

const OPTIONS = {
  sessions: { type: 'string', default: '1,2,4,8,16' },
  seconds: { type: 'string', default: '4' },
  steps: { type: 'string', default: '2' },
  'max-rows': { type: 'string', default: '0' },
  workers: { type: 'string', default: '0' },
  device: { type: 'string', default: DEFAULTS.device },
  model: { type: 'string', default: DEFAULTS.model },
  plot: { type: 'string', default: '' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** Nobody is kept out and nothing is adapted: the bench shows the load as it is. */
const AS_IT_IS = ['--refine-steps', '0', '--target-server-ms', '600000', '--max-sessions', '1000'];
const SIZE = { width: 256, height: 256 };

interface Row extends SessionBenchRow {
  /** Images a second over those of the best layout of bare model calls; absent for a fake device. */
  readonly bareRatio?: number;
}

/** `underpaint bench sessions`: what batching, fairness and freshness come to under load. */
export const benchSessionsCommand: Command = async (argv, { env, print }) => {
  const flags = readFlags('bench sessions', argv, OPTIONS);
  if (flags.help) {
    print(HELP);
    return 0;
  }
  const counts = flags.sessions.split(',').map((text) => readCount('--sessions', text, 1));
  const [seconds, steps] = [readCount('--seconds', flags.seconds, 1), readCount('--steps', flags.steps, 1)];
  const { device, workers, 'max-rows': maxRows } = flags;
  const model = findModel(flags.model, env);
  const progress = showProgress('bench sessions');
  try {
    const isFake = device.startsWith('fake:');
    const before = isFake ? undefined : await findBestLayout({ modelDir: model, steps, ...SIZE });
    const args = ['--device', device, '--model', model, '--workers', workers, '--max-rows', maxRows];
    const rows = await measure([...args, ...AS_IT_IS], { counts, seconds, steps, onProgress: progress.update });
    const bare = before && (before.framesPerSecond + (await before.again())) / 2;
    progress.stop();
    const table: Row[] = rows.map((row) => (bare ? { ...row, bareRatio: round(row.imagesPerSecond / bare) } : row));
    if (flags.json) print(JSON.stringify(table));
    else printTable(table, print);
    if (flags.plot) await writeFile(flags.plot, plot(table));
    return 0;
  } finally {
    progress.stop();
  }
};

interface Load {
  readonly counts: readonly number[];
  readonly seconds: number;
  readonly steps: number;
  readonly onProgress: (share: number) => void;
}

async function measure(args: readonly string[], load: Load): Promise<SessionBenchRow[]> {
  const { counts, seconds, steps, onProgress } = load;
  const frames = await readExampleFrames();
  const served = await Served.start(args);
  try {
    const rows: SessionBenchRow[] = [];
    for (const [i, sessions] of counts.entries()) {
      rows.push(await benchSessions({ served, sessions, seconds, steps, frames }));
      onProgress((i + 1) / counts.length);
    }
    return rows;
  } finally {
    await served.stop();
  }
}

const COLUMNS: readonly (keyof Row)[] = [
  'sessions',
  'imagesPerSecond',
  'p50Ms',
  'p95Ms',
  'p99Ms',
  'dropRatio',
  'rowsPerCall',
  'jain',
  'ageRatio',
  'bareRatio',
];

/** In Markdown, for a README. */
function printTable(rows: readonly Row[], print: (line: string) => void): void {
  const columns = COLUMNS.filter((column) => rows.some((row) => row[column] !== undefined));
  const line = (cells: readonly string[]) => print(`| ${cells.map((cell) => cell.padStart(15)).join(' | ')} |`);
  line(columns);
  line(columns.map(() => '-'.repeat(14) + ':'));
  for (const row of rows) line(columns.map((column) => String(row[column])));
}

function plot(rows: readonly Row[]): string {
  const labels = rows.map(({ sessions }) => String(sessions));
  const values = (key: keyof Row) => rows.map((row) => row[key] ?? 0);
  return drawCharts([
    { title: 'images a second, by sessions', labels, series: [{ name: 'images', values: values('imagesPerSecond') }] },
    {
      title: 'ms from frame to image, by sessions',
      labels,
      series: [
        { name: 'median', values: values('p50Ms') },
        { name: '95 %', values: values('p95Ms') },
      ],
    },
    { title: 'rows of a UNet call, by sessions', labels, series: [{ name: 'rows', values: values('rowsPerCall') }] },
  ]);
}
