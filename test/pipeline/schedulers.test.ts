import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { maxDifference } from '../../server/src/cli/parity/difference.js';
import { readFloats } from '../../server/src/cli/parity/npy.js';
import { createScheduler } from '../../server/src/pipeline/schedulers/registry.js';
import { EulerScheduler } from '../../server/src/pipeline/schedulers/euler-scheduler.js';
import { LcmScheduler } from '../../server/src/pipeline/schedulers/lcm-scheduler.js';
import type { Scheduler } from '../../server/src/pipeline/schedulers/scheduler.js';
import { stepOf } from '../helpers/plan-steps.js';
import { PARITY_DIR } from './model-folder-fixture.js';

const TURBO = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear', timestep_spacing: 'trailing' };

describe('LcmScheduler', () => {
  it('noises as the reference does', async () => {
    const [x0, noise, out] = await Promise.all(
      ['x0', 'noise', 'out'].map((name) =>
        readFloats(join(PARITY_DIR, 'lcm_scheduler/steps4_s50', `add_noise.${name}.npy`)),
      ),
    );
    // The case's first timestep: fixtures/parity/lcm_scheduler/cases.json.
    const { clean, noise: share } = new LcmScheduler({}).planOf([499]).start;
    const noised = x0!.map((value, i) => clean * value + share * noise![i]!);
    expect(maxDifference(noised, out!)).toBeLessThan(1e-6);
  });

  it('starts text to image from pure noise', () => {
    expect(new LcmScheduler({}).plan({ steps: 2, strength: 1 }).startFromNoise).toBe(1);
  });

  it('rescales its steps into the strength: all of them run', () => {
    const scheduler = new LcmScheduler({}, { rule: 'rescaled' });
    expect(scheduler.plan({ steps: 4, strength: 0.5 }).timesteps).toEqual([499, 379, 259, 139]);
  });

  it('cuts the schedule where a generic pipeline does: fewer of them run', () => {
    const scheduler = new LcmScheduler({}, { rule: 'truncated' });
    expect(scheduler.plan({ steps: 4, strength: 0.5 }).timesteps).toEqual([499, 259]);
  });

  it('refuses a request that effective() would have corrected', () => {
    const request = { steps: 8, strength: 0.1 };
    const scheduler = new LcmScheduler({});
    expect(() => scheduler.plan(request)).toThrow(RangeError);
    expect(scheduler.effective(request)).toEqual({ steps: 5, strength: 0.1 });
    expect(scheduler.plan(scheduler.effective(request)).timesteps).toHaveLength(5);
  });

  it('refuses thresholding in one line', () => {
    expect(() => new LcmScheduler({ thresholding: true })).toThrow(/thresholding/);
  });
});

describe('EulerScheduler', () => {
  it('puts noise back only if it is ancestral', () => {
    const request = { steps: 2, strength: 1 };
    const plain = new EulerScheduler(TURBO).plan(request);
    const ancestral = new EulerScheduler(TURBO, { ancestral: true }).plan(request);
    expect([plain.wantsNoise(0), ancestral.wantsNoise(0), ancestral.wantsNoise(1)]).toEqual([false, true, false]);
  });

  it('lands an ancestral step on the next noise level', async () => {
    const scheduler = new EulerScheduler(TURBO, { ancestral: true });
    const plan = scheduler.plan({ steps: 2, strength: 1 });
    const [sigma, next] = plan.sigmas as [number, number];
    // A model that knows the clean value 0 answers with the noise itself.
    const step = (noise: number) => stepOf(plan, 0, { latents: Float32Array.of(sigma), output: [1], noise: [noise] });
    const [still, noised] = [await step(0), await step(1)];
    const down = still.next[0]!;
    const up = Math.sqrt(next ** 2 - down ** 2);
    expect(still.denoised[0]).toBeCloseTo(0, 5);
    expect(up).toBeCloseTo((next * Math.sqrt(sigma ** 2 - next ** 2)) / sigma, 5);
    expect(noised.next[0]! - down).toBeCloseTo(up, 5);
  });
});

describe.each([
  ['rescaled LCM', new LcmScheduler({}, { rule: 'rescaled' })],
  ['truncated LCM', new LcmScheduler({}, { rule: 'truncated' })],
  ['LCM of 49 original steps', new LcmScheduler({ original_inference_steps: 49 }, { rule: 'rescaled' })],
  ['Euler', new EulerScheduler(TURBO)],
] as [string, Scheduler][])('effective() of %s', (_name, scheduler) => {
  const requests = [1, 2, 3, 5, 8, 50, 1000].flatMap((steps) =>
    [0, 0.001, 0.02, 0.1, 1 / 3, 0.5, 0.99, 1].map((strength) => ({ steps, strength })),
  );

  it.each(requests)('makes $steps steps at strength $strength runnable, and keeps a runnable request', (request) => {
    const effective = scheduler.effective(request);
    expect(scheduler.plan(effective).timesteps.length).toBeGreaterThanOrEqual(1);
    expect(scheduler.effective(effective)).toEqual(effective);
  });
});

describe('createScheduler', () => {
  it('says what to do about a scheduler of many steps', () => {
    expect(() => createScheduler({ _class_name: 'PNDMScheduler' }, { rule: 'truncated' })).toThrow(
      /PNDMScheduler: set _class_name to .*LCMScheduler for a latent consistency model/,
    );
  });
});
