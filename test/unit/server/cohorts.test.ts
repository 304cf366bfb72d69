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
  it('wait for nobody at first', () => {
    expect(cohorts.gatherMs(1)).toBe(0);
  });

  it('wait a tenth of their time for those who were just answered', () => {
    run(4, 1);
    expect(cohorts.gatherMs(1)).toBeCloseTo(10);
    clock.ms += 4;
    expect(cohorts.gatherMs(3)).toBeCloseTo(6);
    clock.ms += 6;
    expect(cohorts.gatherMs(3)).toBe(0);
  });

  it('go on as soon as all are there', () => {
    run(3, 1);
    expect(cohorts.gatherMs(4)).toBe(0);
  });

  it('keep one who is alone waiting for nobody', () => {
    run(1, 0);
    expect(cohorts.gatherMs(1)).toBe(0);
  });
});
