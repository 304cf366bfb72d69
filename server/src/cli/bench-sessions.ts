import { writeFile } from 'node:fs/promises';
import { MODEL_OPTIONS } from '../config/model-options.js';
import { findModel } from '../config/models-folder.js';
import { list, text, whole, wholeIn, type Values } from '../config/option.js';
import { findBestLayout } from './bench/bare-layouts.js';
import { readExampleFrames } from './bench/example-frames.js';
import { Served } from './bench/served.js';
import { benchSessions, type SessionBenchRow } from './bench/session-bench.js';
import { chartOf, tableOf, type ComparedRow } from './bench/session-table.js';
import { round } from './bench/statistics.js';
import { defineCommand } from './command.js';
import { JSON_OPTION } from './common-options.js';
import { showProgress } from './progress.js';

const { model, device } = MODEL_OPTIONS;

const OPTIONS = {
  sessions: list(
    { help: 'numbers of sessions, one after the other', default: [1, 2, 4, 8, 16] },
    wholeIn({ min: 1, max: 1_000 }),
  ),
  seconds: whole({ help: 'length of each measurement', min: 1, max: 1_000, default: 4 }),
  steps: whole({ help: 'UNet calls per picture', min: 1, max: 1_000, default: 2 }),
  fps: whole({ help: 'frames a second that each session captures', min: 1, max: 120, default: 15 }),
  maxRows: whole({ help: 'most rows in one UNet call; 0 measures the best number', min: 0, max: 64, default: 0 }),
  workers: whole({ help: 'worker processes; 0 changes their number with the sessions', min: 0, max: 64, default: 0 }),
  device: { ...device, help: 'cpu, or fake:10ms+1ms: a UNet call waits 10 ms and 1 ms per row; all else is free' },
  model,
  plot: text({ value: 'FILE', help: 'write charts of the result (SVG)', default: '' }),
  ...JSON_OPTION,
};

/** `underpaint bench sessions`: throughput, fairness and age of the images under load. */
export const benchSessionsCommand = defineCommand({
  name: 'bench sessions',
  about: 'Measures many sessions at once over real sockets, each sending 15 frames a second or as many as --fps says.',
  options: OPTIONS,
  async run(values, { env, print }) {
    const rows = await compare({ ...values, model: findModel(values.model, env) });
    const lines = values.json ? [JSON.stringify(rows)] : tableOf(rows);
    for (const line of lines) print(line);
    if (values.plot) await writeFile(values.plot, chartOf(rows));
    return 0;
  },
});

/** Admits every session and adapts nothing, so that the bench shows the load as it is. */
const AS_IT_IS = [
  ...['--refine-steps', '0', '--target-server-ms', '600000', '--max-sessions', '1000'],
  ...['--max-frames-per-second', '120'],
];
const SIZE = { width: 256, height: 256 };

/** On a real device, the bare model calls are measured before and after the sessions. */
async function compare(values: Values<typeof OPTIONS>): Promise<readonly ComparedRow[]> {
  const progress = showProgress('bench sessions');
  try {
    const { device, model, steps } = values;
    const before = device.startsWith('fake:') ? undefined : await findBestLayout({ modelDir: model, steps, ...SIZE });
    const rows = await measure(values, progress.update);
    if (!before) return rows;
    const bare = (before.framesPerSecond + (await before.again())) / 2;
    return rows.map((row) => ({ ...row, bareRatio: round(row.imagesPerSecond / bare) }));
  } finally {
    progress.stop();
  }
}

async function measure(
  values: Values<typeof OPTIONS>,
  onProgress: (share: number) => void,
): Promise<SessionBenchRow[]> {
  const { sessions: counts, seconds, steps, fps, device, model, workers, maxRows } = values;
  const frames = await readExampleFrames();
  const where = [
    '--device',
    device,
    '--model',
    model,
    '--workers',
    workers === 0 ? 'auto' : String(workers),
    '--max-rows',
    String(maxRows),
  ];
  const served = await Served.start([...where, ...AS_IT_IS]);
  try {
    const rows: SessionBenchRow[] = [];
    const settles = workers === 0 && !device.startsWith('fake:');
    for (const [i, sessions] of counts.entries()) {
      rows.push(await benchSessions({ served, sessions, seconds, steps, fps, settles, frames }));
      onProgress((i + 1) / counts.length);
    }
    return rows;
  } finally {
    await served.stop();
  }
}
