import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UsageError } from '../../../server/src/errors.js';
import { AdaptiveWorkers } from '../../../server/src/inference/host/adaptive-workers.js';
import type { DeviceWorker } from '../../../server/src/inference/host/device-worker.js';
import { layoutFor, type Layout } from '../../../server/src/inference/host/layout.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const LOAD_MS = 400;
const MEASURE_MS = 300;
const ALONE = { now: 1, lately: 1 };
const TWO = { now: 2, lately: 2 };
const NOBODY = { now: 0, lately: 0 };

/** A worker that loads for a while. Each of its threads adds a part of what the one before added to the rate. */
class TestWorker {
  readonly speedKey = 'key';
  readonly isReady = true;
  readonly capacity = 1;
  readonly pid = undefined;
  readonly startup = { loadMs: 0, warmUpMs: 0, loadPeakBytes: 1, peakBytes: 1 };
  load = 0;
  isStopped = false;

  constructor(
    readonly threads: number,
    readonly threadGain: number,
  ) {}

  get model() {
    const pace = { maxRows: 1, rowMs: 10, autoencoderMs: 10, aloneMs: 20, easyRows: 1 };
    return { pace, guidance: 'none' } as unknown as DeviceWorker['model'];
  }

  async measure() {
    await new Promise((resolve) => setTimeout(resolve, MEASURE_MS));
    const parts = Array.from({ length: this.threads }, (_, thread) => this.threadGain ** thread);
    const framesPerSecond = 10 * parts.reduce((sum, part) => sum + part, 0);
    return this.isStopped ? undefined : { framesPerSecond, residentBytes: 1 };
  }

  render = () => ({ outcome: new Promise<never>(() => undefined), cancel: () => undefined });

  stop(): Promise<void> {
    this.isStopped = true;
    return Promise.resolve();
  }
}

/** A machine of four cores, and the measurements it keeps between starts. */
class Machine {
  readonly kept = new Map<string, unknown>();
  readonly all: TestWorker[] = [];
  readonly starts: Layout[] = [];
  changes = 0;
  threadGain = 0.5;
  failure: Error | undefined;
  group!: AdaptiveWorkers;

  async start(): Promise<void> {
    const started = AdaptiveWorkers.start({
      cores: 4,
      start: (layout, signal) => this.#startWorkers(layout, signal),
      measurementsOf: () => ({
        read: (what, isValid) => {
          const value = this.kept.get(JSON.stringify(what));
          return Promise.resolve(value !== undefined && isValid(value) ? value : undefined);
        },
        keep: (what, value) => Promise.resolve(void this.kept.set(JSON.stringify(what), value)),
      }),
      onChange: () => (this.changes += 1),
      log: pino({ level: 'silent' }),
      now: () => Date.now(),
    });
    await vi.advanceTimersByTimeAsync(LOAD_MS);
    this.group = await started;
  }

  /** Looks twice a second. */
  async pass(ms: number, demand: { readonly now: number; readonly lately: number }): Promise<void> {
    for (let elapsed = 0; elapsed < ms; elapsed += 500) {
      this.group.adapt(demand);
      expect(this.serving.every(({ isStopped }) => !isStopped)).toBe(true);
      await vi.advanceTimersByTimeAsync(500);
    }
  }

  get serving(): readonly TestWorker[] {
    return this.group.workers as unknown as readonly TestWorker[];
  }

  get layout(): number[] {
    return this.serving.map(({ threads }) => threads);
  }

  get running(): number {
    return this.all.filter(({ isStopped }) => !isStopped).length;
  }

  async #startWorkers(layout: Layout, signal?: AbortSignal): Promise<DeviceWorker[]> {
    this.starts.push(layout);
    await new Promise((resolve) => setTimeout(resolve, LOAD_MS));
    signal?.throwIfAborted();
    if (this.failure) throw this.failure;
    const workers = Array.from({ length: layout.count }, () => new TestWorker(layout.threads, this.threadGain));
    this.all.push(...workers);
    return workers;
  }
}

let machine: Machine;
beforeEach(async () => {
  machine = new Machine();
  await machine.start();
});

describe('the layout for so many people', () => {
  const layouts = (rates: readonly number[]) => rates.map((rate, i) => ({ count: 2 ** i, threads: 4 / 2 ** i, rate }));
  const countFor = (people: number, rates: readonly number[]) => layoutFor(people, layouts(rates)).count;

  it('has the freshest pictures: for one person, made one after the other or several at a time', () => {
    // Made in 100 ms and replaced after 100 ms; or in 200 ms and replaced after 100, 66.7 or 50 ms.
    expect(countFor(1, [10, 10])).toBe(1);
    expect(countFor(1, [10, 16])).toBe(1);
    expect(countFor(1, [10, 17])).toBe(2);
    expect(countFor(1, [10, 20, 29])).toBe(2);
    expect(countFor(1, [10, 20, 40])).toBe(4);
  });

  it('has no worker without somebody to work for, unless it costs no time', () => {
    expect(countFor(2, [10, 13, 20])).toBe(2);
    expect(countFor(3, [10, 13, 20])).toBe(4);
  });

  it('has the highest rate for a crowd', () => {
    expect(countFor(100, [10, 11, 12])).toBe(4);
  });
});

describe('the layout of the workers', () => {
  it('gives one person all cores at once, and measures nothing while somebody draws', async () => {
    await machine.pass(10_000, ALONE);
    expect(machine.layout).toEqual([4]);
    expect(machine.starts).toEqual([{ count: 1, threads: 4 }]);
  });

  it('is measured while nobody draws, and kept for the next start', async () => {
    await machine.pass(6_000, NOBODY);
    expect(machine.starts.map(({ count }) => count)).toEqual([1, 2, 4]);
    expect(machine.running).toBe(1);
    await machine.start();
    await machine.pass(6_000, NOBODY);
    expect(machine.starts.map(({ count }) => count)).toEqual([1, 2, 4, 1]);
  });

  it('is measured again if the machine was busy the last time', async () => {
    await machine.pass(6_000, NOBODY);
    const [[key, kept]] = [...machine.kept] as [[string, object]];
    machine.kept.set(key, { ...kept, aloneMs: 100 });
    await machine.start();
    await machine.pass(6_000, NOBODY);
    expect(machine.starts.map(({ count }) => count)).toEqual([1, 2, 4, 1, 2, 4]);
  });

  it.each([{}, { layouts: [], aloneMs: 1 }, { layouts: [{ count: 1, threads: 4 }], aloneMs: 1 }])(
    'is measured again if the measurement it kept is of another form: %j',
    async (kept) => {
      await machine.pass(6_000, NOBODY);
      for (const key of machine.kept.keys()) machine.kept.set(key, kept);
      await machine.start();
      await machine.pass(6_000, NOBODY);
      expect(machine.starts).toHaveLength(6);
    },
  );

  it('is ready for one person at rest: with several workers if threads help each other little', async () => {
    machine = new Machine();
    machine.threadGain = 0.1;
    await machine.start();
    await machine.pass(9_000, NOBODY);
    expect(machine.layout).toEqual([1, 1, 1, 1]);
    expect(machine.running).toBe(4);
    await machine.start();
    await machine.pass(3_000, ALONE);
    expect(machine.layout).toEqual([1, 1, 1, 1]);
  });

  it('gives the cores back at once when a frame comes while it is measured', async () => {
    await machine.pass(2_500, NOBODY);
    await vi.advanceTimersByTimeAsync(LOAD_MS);
    expect(machine.running).toBe(3);
    machine.group.handleFrame();
    await vi.advanceTimersByTimeAsync(0);
    expect(machine.running).toBe(1);
    await machine.pass(2_000, ALONE);
    expect(machine.kept.size).toBe(0);
    await machine.pass(8_000, NOBODY);
    expect(machine.kept.size).toBe(1);
  });

  it('is not measured again for a minute if the worker did not survive that', async () => {
    const [worker] = machine.all;
    const measure = vi.spyOn(worker!, 'measure').mockResolvedValue(undefined);
    await machine.pass(30_000, NOBODY);
    expect(measure).toHaveBeenCalledOnce();
    measure.mockRestore();
    await machine.pass(40_000, NOBODY);
    expect(machine.kept.size).toBe(1);
  });

  it('grows when several people draw, as far as there are people', async () => {
    await machine.pass(6_000, NOBODY);
    await machine.pass(4_000, TWO);
    expect(machine.layout).toEqual([2, 2]);
    await machine.pass(4_000, { now: 9, lately: 9 });
    expect(machine.layout).toEqual([1, 1, 1, 1]);
    expect(machine.running).toBe(4);
    expect(machine.changes).toBe(2);
  });

  it('grows to two workers before anything was measured', async () => {
    await machine.pass(4_000, { now: 9, lately: 9 });
    expect(machine.layout).toEqual([2, 2]);
  });

  it('does not grow for a page that is only opened', async () => {
    await machine.pass(1_000, TWO);
    await machine.pass(1_000, ALONE);
    await machine.pass(1_000, TWO);
    await machine.pass(5_000, ALONE);
    expect(machine.layout).toEqual([4]);
  });

  it('shrinks only when fewer people have drawn for a while', async () => {
    await machine.pass(4_000, TWO);
    await machine.pass(10_000, { now: 1, lately: 2 });
    expect(machine.layout).toEqual([2, 2]);
    await machine.pass(2_000, ALONE);
    expect(machine.layout).toEqual([4]);
    expect(machine.running).toBe(1);
  });

  it('lets the old workers finish their frames, and gives them no more', async () => {
    const [old] = machine.all;
    old!.load = 1;
    await machine.pass(5_000, TWO);
    expect(machine.layout).toEqual([2, 2]);
    expect(old!.isStopped).toBe(false);
    old!.load = 0;
    await vi.advanceTimersByTimeAsync(100);
    expect(old!.isStopped).toBe(true);
  });

  it('stays as it is for a minute if the new workers do not start', async () => {
    machine.failure = new UsageError('no memory');
    await machine.pass(30_000, TWO);
    expect(machine.layout).toEqual([4]);
    expect(machine.starts).toHaveLength(2);
    machine.failure = undefined;
    await machine.pass(40_000, TWO);
    expect(machine.layout).toEqual([2, 2]);
  });

  it.each([
    ['changes', TWO],
    ['is measured', NOBODY],
  ])('leaves no worker behind when the server stops while it %s', async (_, demand) => {
    await machine.pass(3_000, demand);
    const stopped = machine.group.stop(1_000);
    await vi.advanceTimersByTimeAsync(5_000);
    await stopped;
    await machine.pass(3_000, TWO).catch(() => undefined);
    expect(machine.running).toBe(0);
  });
});
