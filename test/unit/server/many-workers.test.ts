import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { jain } from '../../../server/src/cli/bench/statistics.js';
import { ClusterSimulation } from '../../helpers/cluster-simulation.js';
import type { Simulation } from '../../helpers/simulation.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** UNDERPAINT_WORKERS=1000 simulates a thousand, which takes some minutes. */
const WORKERS = Number(process.env['UNDERPAINT_WORKERS'] ?? 20);
const GATEWAYS = Math.ceil(WORKERS / 100) + 1;
const PEOPLE = 10 * WORKERS;
const STEPS = 2;
const CALL_MS = 140;
const ROWS = 4;
const MEASURED_MS = 4_000;

it(`${WORKERS} workers serve ${PEOPLE} people on ${GATEWAYS} gateways as fast as they can, in equal shares`, async () => {
  const cluster = new ClusterSimulation({ device: 'fake:100ms+10ms', maxRows: ROWS, deep: false });
  const gateways: Simulation[] = [];
  for (let i = 0; i < WORKERS; i++) await cluster.addWorker();
  for (let i = 0; i < GATEWAYS; i++) gateways.push(await cluster.addGateway());
  // Most people are on the first gateway.
  const drawers = Array.from({ length: PEOPLE }, (_, i) =>
    gateways[i % 2 === 0 ? 0 : i % GATEWAYS]!.join(2, STEPS, 200 + (i % 50)),
  );
  await cluster.pass(2_000);
  for (const drawer of drawers) drawer.reset();
  const before = process.cpuUsage();
  await cluster.pass(MEASURED_MS);
  const images = drawers.map(({ latencies }) => latencies.length);
  const total = images.reduce((sum, count) => sum + count, 0);
  const capacity = (WORKERS * ROWS * MEASURED_MS) / CALL_MS / STEPS;
  const [share, fairness] = [total / capacity, jain(images)];
  console.log(
    `${share.toFixed(3)} of the capacity, Jain ${fairness.toFixed(4)}, ${Math.round(process.cpuUsage(before).user / 1_000)} ms of processor time`,
  );
  for (const drawer of drawers) drawer.leave();
  await cluster.stop();
  expect(share).toBeGreaterThan(0.9);
  expect(fairness).toBeGreaterThan(0.98);
}, 3_600_000);
