import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../errors.js';
import { availableCores } from '../../inference/host/cores.js';

/** A division of the cores among bare processes. */
export interface BareLayout {
  readonly workers: number;
  readonly threads: number;
  readonly rows: number;
}

export interface BareJob extends Omit<BareLayout, 'workers'> {
  readonly modelDir: string;
  /** Pixels of the picture. */
  readonly width: number;
  readonly height: number;
  readonly steps: number;
  readonly seconds: number;
}

const BATCHES = [1, 4];
const SECONDS = 1.2;

/** The layouts to try: one process with all cores and one process for each core, both with and without batches. */
function bareLayouts(): BareLayout[] {
  const cores = availableCores();
  const shares = cores === 1 ? [1] : [1, cores];
  return shares.flatMap((workers) => BATCHES.map((rows) => ({ workers, threads: cores / workers, rows })));
}

/** Runs the bare model calls in all processes of a layout at once. @returns frames a second */
async function runBareLayout(layout: BareLayout, job: Omit<BareJob, 'threads' | 'rows'>): Promise<number> {
  const { workers, ...rest } = layout;
  const program = fileURLToPath(new URL('./bare-worker.js', import.meta.url));
  const children = Array.from({ length: workers }, () => fork(program, [JSON.stringify({ ...job, ...rest })]));
  await Promise.all(children.map((child) => once(child, 'message')));
  const results = children.map((child) => once(child, 'message'));
  for (const child of children) child.send('start');
  const rates = await Promise.all(results);
  return rates.reduce((sum, [rate]) => sum + (rate as number), 0);
}

/** The fastest layout. `again` measures it once more, because the speed of a machine varies. */
export interface BestLayout {
  readonly framesPerSecond: number;
  readonly again: () => Promise<number>;
}

/** Tries all layouts. */
export async function findBestLayout(job: Omit<BareJob, 'threads' | 'rows' | 'seconds'>): Promise<BestLayout> {
  const measure = (layout: BareLayout) => runBareLayout(layout, { ...job, seconds: SECONDS });
  let best: { readonly layout: BareLayout; readonly framesPerSecond: number } | undefined;
  for (const layout of bareLayouts()) {
    const framesPerSecond = await measure(layout);
    if (Number.isNaN(framesPerSecond)) throw new UsageError('the bare model calls could not be measured');
    if (!best || framesPerSecond > best.framesPerSecond) best = { layout, framesPerSecond };
  }
  const { layout, framesPerSecond } = best!;
  return { framesPerSecond, again: () => measure(layout) };
}
