import { beforeEach, describe, expect, it } from 'vitest';
import { AdaptiveSteps } from '../../../server/src/canvas/adaptive-steps.js';

const PARAMS = { minSteps: 2, steps: 6 };

let clock: { ms: number };
let adaptive: AdaptiveSteps;
beforeEach(() => {
  clock = { ms: 0 };
  adaptive = new AdaptiveSteps({ targetMs: 100, now: () => clock.ms });
});

/** Ten images a second of such a time. */
function images(seconds: number, serverMs: number): void {
  for (let i = 0; i < seconds * 10; i++) {
    clock.ms += 100;
    adaptive.observe(serverMs);
  }
}

describe('AdaptiveSteps', () => {
  it('gives the requested steps while there is time', () => {
    images(10, 50);
    expect(adaptive.stepsOf(PARAMS)).toBe(6);
  });

  it('goes down to the fewest under load, and no further', () => {
    images(20, 300);
    expect(adaptive.stepsOf(PARAMS)).toBe(2);
    expect(adaptive.stepsOf({ minSteps: 4, steps: 4 })).toBe(4);
  });

  it('goes down part of the way, and looks at the effect before it continues', () => {
    images(1, 300);
    expect(adaptive.stepsOf(PARAMS)).toBe(5);
    images(1, 300);
    expect(adaptive.stepsOf(PARAMS)).toBe(5);
  });

  it('rises again after a calm while', () => {
    images(20, 300);
    images(60, 20);
    expect(adaptive.stepsOf(PARAMS)).toBe(6);
  });

  it('stays where it is between calm and too slow', () => {
    images(1, 300);
    images(60, 80);
    expect(adaptive.stepsOf(PARAMS)).toBe(5);
  });

  it('reacts to the slowest 5 %, not to a single image', () => {
    for (let i = 0; i < 20; i++) {
      images(1.9, 20);
      images(0.1, 500);
    }
    expect(adaptive.stepsOf(PARAMS)).toBe(6);
  });
});
