import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createScheduler } from '../../server/src/pipeline/schedulers/registry.js';
import type { Fields } from '../../server/src/pipeline/fields.js';
import { stepOf } from '../helpers/plan-steps.js';
import type { Sampler } from '../../server/src/pipeline/schedulers/sampler.js';
import type { Scheduler } from '../../server/src/pipeline/schedulers/scheduler.js';

/** Whole trajectories recorded by test/fixtures/samplers/make.py and test/fixtures/pixel/make.py. */
interface Case {
  readonly config: Fields;
  readonly sampler?: Sampler;
  readonly steps: number;
  readonly strength: number;
  readonly timesteps: readonly number[];
  readonly clean: readonly number[];
  readonly noise: readonly number[];
  readonly noises?: readonly (readonly number[])[];
  readonly outputs: readonly (readonly number[])[];
  readonly latents: readonly (readonly number[])[];
}

async function cases(name: string): Promise<Case[]> {
  const path = new URL(`../fixtures/${name}.json`, import.meta.url);
  return JSON.parse(await readFile(path, 'utf8')) as Case[];
}

/** The latents after each step. */
async function run(scheduler: Scheduler, recorded: Case) {
  const plan = scheduler.plan({ steps: recorded.steps, strength: recorded.strength });
  const { clean, noise: share } = plan.start;
  let latents: Float32Array = Float32Array.from(
    recorded.clean,
    (value, i) => clean * value + share * recorded.noise[i]!,
  );
  const loudest = Math.max(...latents.map(Math.abs));
  const after: number[][] = [];
  for (const [i, output] of recorded.outputs.entries()) {
    const noise = plan.wantsNoise(i) ? recorded.noises![i]! : undefined;
    latents = (await stepOf(plan, i, { latents, output, noise })).next;
    after.push([...latents]);
  }
  return { timesteps: plan.timesteps, loudest, after };
}

function worst(got: readonly number[], wanted: readonly number[]): number {
  return Math.max(...got.map((value, i) => Math.abs(value - wanted[i]!)));
}

describe.each(['samplers/ddim', 'samplers/lcm', 'samplers/euler', 'pixel/scheduler'])(
  'samplers as recorded in %s.json',
  async (name) => {
    it.each(await cases(name))(
      '$config.timestep_spacing $config.prediction_type $sampler, $steps steps at $strength',
      async (recorded) => {
        const { timesteps, loudest, after } = await run(
          createScheduler(recorded.config, { rule: 'rescaled', sampler: recorded.sampler }),
          recorded,
        );
        expect(timesteps).toHaveLength(recorded.timesteps.length);
        expect(worst(timesteps, recorded.timesteps)).toBeLessThan(1e-4);
        // The reference keeps latents in single precision, which rounds loud noise.
        const tolerance = Math.max(2e-5, 4e-7 * loudest);
        after.forEach((latents, i) => expect(worst(latents, recorded.latents[i]!)).toBeLessThan(tolerance));
      },
    );
  },
);

interface Schedule {
  readonly config: Fields;
  readonly steps: number;
  readonly timesteps: readonly number[];
  /** The level after the last timestep included; none for DDIM. */
  readonly sigmas: readonly number[] | null;
}

describe('schedules as recorded in samplers/schedules.json', async () => {
  const path = new URL('../fixtures/samplers/schedules.json', import.meta.url);
  const schedules = JSON.parse(await readFile(path, 'utf8')) as Schedule[];

  const named = schedules.map((schedule) => ({ ...schedule, settings: JSON.stringify(schedule.config) }));

  it.each(named)('$settings, $steps steps', ({ config, steps, timesteps, sigmas }) => {
    const plan = createScheduler(config, { rule: 'truncated' }).plan({ steps, strength: 1 });
    expect(plan.timesteps).toHaveLength(timesteps.length);
    // NumPy's logarithm in single precision moves the timesteps of Karras levels by their last digit.
    expect(worst(plan.timesteps, timesteps)).toBeLessThan(1e-4);
    const levels = 'sigmas' in plan ? (plan.sigmas as number[]) : [];
    expect(levels).toHaveLength(sigmas?.length ?? 0);
    levels.forEach((level, i) =>
      expect(Math.abs(level - sigmas![i]!)).toBeLessThanOrEqual(2e-6 * Math.max(1, sigmas![i]!)),
    );
  });
});

describe('a consistency model of pixels', () => {
  const config: Fields = { _class_name: 'CMStochasticIterativeScheduler', num_train_timesteps: 18 };

  it('keeps less of the same noise in a step along the trajectory', async () => {
    const scheduler = createScheduler(config, { rule: 'truncated', sampler: 'ddim' });
    const plan = scheduler.plan({ steps: 3, strength: 0.5 });
    const [sigma, next] = plan.timesteps.map((timestep) => Math.exp(timestep / 250)) as [number, number];
    const latents = Float32Array.of(1, -2, 0.5);
    expect(plan.wantsNoise(0)).toBe(false);
    const stepped = await stepOf(plan, 0, { latents, output: [0.3, -0.4, 2] });
    const noise = (values: Float32Array, level: number) =>
      [...values].map((value, i) => (value - stepped.denoised[i]!) / level);
    expect(worst(noise(stepped.next, next), noise(latents, sigma))).toBeLessThan(1e-5);
  });

  it('spends no step at a level that the model does not change', () => {
    const scheduler = createScheduler(config, { rule: 'truncated' });
    expect(scheduler.effective({ steps: 50, strength: 1 }).steps).toBe(17);
    expect(scheduler.effective({ steps: 50, strength: 0.5 }).steps).toBe(8);
    const least = scheduler.effective({ steps: 4, strength: 0 });
    expect(least.steps).toBe(1);
    expect(scheduler.plan(least).timesteps[0]).toBeGreaterThan(250 * Math.log(0.002));
  });
});

describe('which model takes which sampler', () => {
  const lcm: Fields = { _class_name: 'LCMScheduler' };

  it('takes one step for onestep, however many are requested', () => {
    expect(
      createScheduler(lcm, { rule: 'rescaled', sampler: 'onestep' }).effective({ steps: 8, strength: 0.5 }).steps,
    ).toBe(1);
  });

  it('draws noise for the first half of alternate only', () => {
    const scheduler = createScheduler(lcm, { rule: 'rescaled', sampler: 'alternate' });
    const plan = scheduler.plan({ steps: 6, strength: 1 });
    expect(plan.timesteps.map((_, i) => plan.wantsNoise(i))).toEqual([true, true, true, false, false, false]);
  });

  it('refuses consistency samplers for other models in one line', () => {
    const turbo: Fields = { _class_name: 'EulerDiscreteScheduler' };
    expect(() => createScheduler(turbo, { rule: 'truncated', sampler: 'ddim' })).toThrow(
      /the sampler ddim is for consistency models/,
    );
    expect(() =>
      createScheduler({ _class_name: 'DDIMScheduler' }, { rule: 'truncated', sampler: 'multistep' }),
    ).toThrow(/leave --sampler/);
    expect(createScheduler({ _class_name: 'DDIMScheduler' }, { rule: 'truncated', sampler: 'ddim' })).toBeDefined();
  });
});
