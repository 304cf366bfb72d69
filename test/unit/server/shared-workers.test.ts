import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { jain } from '../../../server/src/cli/bench/statistics.js';
import { ClusterSimulation } from '../../helpers/cluster-simulation.js';
import type { Drawer, SimulationOptions } from '../../helpers/simulation.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const MEASURED_MS = 4_000;
const GPU: SimulationOptions = { device: 'fake:10ms+1ms', maxRows: 4, deep: true };

interface People {
  readonly count: number;
  readonly steps?: number;
}

/** Images of everybody, with so many people on each gateway and all of them drawing all the time. */
async function measure(gateways: readonly People[], workers: number, options = GPU): Promise<number[]> {
  const cluster = new ClusterSimulation(options);
  for (let i = 0; i < workers; i++) await cluster.addWorker();
  const drawers: Drawer[] = [];
  for (const { count, steps } of gateways) {
    const gateway = await cluster.addGateway();
    for (let i = 0; i < count; i++) drawers.push(gateway.join(undefined, steps));
  }
  await cluster.pass(2_000);
  for (const drawer of drawers) drawer.reset();
  await cluster.pass(MEASURED_MS);
  const images = drawers.map(({ latencies }) => latencies.length);
  for (const drawer of drawers) drawer.leave();
  await cluster.stop();
  return images;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe('workers that several gateways share', { timeout: 30_000 }, () => {
  it.each([
    ['24 and 8 people on one worker', [24, 8], 1],
    ['40 people and two on three workers', [40, 2], 3],
    ['people of five gateways on two workers', [1, 2, 3, 12, 20], 2],
  ])('give equal shares to %s', async (_, counts, workers) => {
    const people = counts.map((count) => ({ count }));
    expect(jain(await measure(people, workers))).toBeGreaterThan(0.99);
  });

  it('share device time, not images', async () => {
    const images = await measure(
      [
        { count: 12, steps: 4 },
        { count: 12, steps: 2 },
      ],
      1,
    );
    const deviceTimes = images.map((count, i) => count * (i < 12 ? 4 : 2));
    expect(jain(deviceTimes)).toBeGreaterThan(0.98);
  });

  it('make as many images for several gateways as for one', async () => {
    const together = sum(await measure([{ count: 16 }], 2));
    const apart = sum(await measure([{ count: 4 }, { count: 4 }, { count: 8 }], 2));
    expect(apart).toBeGreaterThan(0.95 * together);
  });

  it('give everything to the gateway that draws', async () => {
    const alone = sum(await measure([{ count: 8 }], 1));
    const besideIdle = sum(await measure([{ count: 8 }, { count: 0 }, { count: 0 }], 1));
    expect(besideIdle).toBeGreaterThan(0.98 * alone);
  });
});
