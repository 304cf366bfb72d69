import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { jain } from '../../../server/src/cli/bench/statistics.js';
import { Simulation, type SimulationOptions } from '../../helpers/simulation.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const MEASURED_MS = 4_000;
const GPU = 'fake:10ms+1ms';
const ONE_ROW = 'fake:20ms+1ms';

/** Images of all people, the longest of their median latencies, and whether anybody saw an older frame after a newer. */
async function measure(people: number, options: SimulationOptions) {
  const simulation = await Simulation.start(options);
  const drawers = Array.from({ length: people }, () => simulation.join());
  await simulation.pass(2_000);
  for (const drawer of drawers) drawer.reset();
  await simulation.pass(MEASURED_MS);
  const images = drawers.map(({ latencies }) => latencies.length);
  const medianMs = Math.max(...drawers.map((drawer) => drawer.medianMs));
  const inOrder = drawers.every(({ shown }) => shown.every((seq, i) => i === 0 || seq > shown[i - 1]!));
  for (const drawer of drawers) drawer.leave();
  await simulation.stop();
  return { images, total: images.reduce((sum, count) => sum + count, 0), medianMs, inOrder };
}

/** With one frame of a canvas at a time, and with as many as the devices have idle rows for. */
async function compare(people: number, options: Omit<SimulationOptions, 'deep'>) {
  return {
    one: await measure(people, { ...options, deep: false }),
    several: await measure(people, { ...options, deep: true }),
  };
}

describe('several frames of one canvas at once', () => {
  it('make more images for one person where a call of several rows takes little longer', async () => {
    const { one, several } = await compare(1, { device: GPU });
    expect(several.total).toBeGreaterThan(2.8 * one.total);
    expect(several.medianMs).toBeLessThan(1.35 * one.medianMs);
    expect(several.inOrder).toBe(true);
  });

  it('use all workers for one person', async () => {
    const { one, several } = await compare(1, { device: `${ONE_ROW},${ONE_ROW}`, maxRows: 1 });
    expect(several.total).toBeGreaterThan(1.9 * one.total);
    expect(several.medianMs).toBeLessThan(1.1 * one.medianMs);
    expect(several.inOrder).toBe(true);
  });

  it('share the idle rows among two people', async () => {
    const { one, several } = await compare(2, { device: GPU });
    expect(several.total).toBeGreaterThan(1.6 * one.total);
    expect(several.medianMs).toBeLessThan(1.35 * one.medianMs);
    expect(several.images[0]).toBe(several.images[1]);
  });

  it.each([
    ['one row', 1, { device: ONE_ROW, maxRows: 1 }],
    ['as many people as rows', 2, { device: `${ONE_ROW},${ONE_ROW}`, maxRows: 1 }],
    ['many people', 16, { device: GPU }],
  ])('are no use, and do not run, with %s', async (_, people, options) => {
    const { one, several } = await compare(people, options);
    expect(several).toEqual(one);
  });

  it('make room at once for somebody who comes', async () => {
    const simulation = await Simulation.start({ device: `${ONE_ROW},${ONE_ROW}`, maxRows: 1, deep: true });
    const first = simulation.join();
    await simulation.pass(3_000);
    const second = simulation.join();
    await simulation.pass(200);
    // A run takes 84 ms; the newcomer waits for the end of one at most, and then has a worker of its own.
    expect(second.latencies[0]).toBeLessThan(2 * 84);
    for (const drawer of [first, second]) drawer.reset();
    await simulation.pass(2_000);
    expect(Math.abs(first.shown.length - second.shown.length)).toBeLessThanOrEqual(1);
    first.leave();
    second.leave();
    await simulation.stop();
  });
});

describe('more people than rows', () => {
  /** A picture takes 84 ms, and a frame is sent every 5 ms. */
  const pictureMs = 4 * 21;

  it.each([
    [2, 1],
    [3, 2],
    [4, 3],
    [5, 4],
  ])('have equal shares and no old frames: %i people, %i workers', async (people, workers) => {
    const device = Array.from({ length: workers }, () => ONE_ROW).join();
    const { images, total, medianMs, inOrder } = await measure(people, { device, maxRows: 1, deep: true });
    expect(jain(images)).toBeGreaterThan(0.98);
    expect(medianMs).toBeLessThan(1.12 * pictureMs);
    expect(total).toBeGreaterThan((0.95 * workers * MEASURED_MS) / pictureMs);
    expect(inOrder).toBe(true);
  });
});
