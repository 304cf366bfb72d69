import { beforeEach, describe, expect, it } from 'vitest';
import { Cohorts } from '../../../server/src/inference/device/cohorts.js';

let clock: { ms: number };
let cohorts: Cohorts;
beforeEach(() => {
  clock = { ms: 1_000 };
  cohorts = new Cohorts(() => clock.ms);
});

/** A cohort of so many rows that takes 100 ms. */
function run(rows: number, waiting: number): void {
  cohorts.start(rows);
  clock.ms += 100;
  cohorts.end(waiting);
}

describe('Cohorts', () => {
  it('do not wait at first', () => {
    expect(cohorts.gatherMs(1)).toBe(0);
  });

  it('wait a tenth of their time for sessions that were just answered', () => {
    run(4, 1);
    expect(cohorts.gatherMs(1)).toBeCloseTo(10);
    clock.ms += 4;
    expect(cohorts.gatherMs(3)).toBeCloseTo(6);
    clock.ms += 6;
    expect(cohorts.gatherMs(3)).toBe(0);
  });

  it('continue as soon as all are there', () => {
    run(3, 1);
    expect(cohorts.gatherMs(4)).toBe(0);
  });

  it('do not keep a single session waiting', () => {
    run(1, 0);
    expect(cohorts.gatherMs(1)).toBe(0);
  });
});
