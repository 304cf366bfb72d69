import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ModelError } from '../../server/src/pipeline/errors.js';
import { checkScheduler } from '../../server/src/pipeline/schedulers/registry.js';

/** Every field that diffusers' classes know, with its default: test/fixtures/samplers/make.py. */
const path = new URL('../fixtures/samplers/fields.json', import.meta.url);
const CLASSES = JSON.parse(await readFile(path, 'utf8')) as Record<string, Record<string, unknown>>;

/** Fields that change no number here; the schedulers' own comments say why. */
const IGNORED: Record<string, readonly string[]> = {
  LCMScheduler: ['set_alpha_to_one', 'dynamic_thresholding_ratio', 'sample_max_value'],
  DDIMScheduler: ['dynamic_thresholding_ratio', 'sample_max_value'],
};

const fields = Object.entries(CLASSES).flatMap(([name, defaults]) =>
  Object.entries(defaults).map(([field, value]) => ({ name, field, value })),
);

function refusal(config: object): string {
  try {
    checkScheduler(config, 'FILE');
  } catch (error) {
    expect(error).toBeInstanceOf(ModelError);
    return (error as ModelError).message;
  }
  return 'served';
}

describe("diffusers' own fields", () => {
  it.each(fields)('$name.$field is known, or changes nothing', ({ name, field, value }) => {
    const isIgnored = IGNORED[name]?.includes(field) ?? false;
    const expected = isIgnored ? /^served$/ : new RegExp(`^FILE: ${field} is \\{"odd":1\\}; it must be `);
    expect(refusal({ _class_name: name, [field]: { odd: 1 } })).toMatch(expected);
    expect(refusal({ _class_name: name, [field]: value })).toBe('served');
  });

  it.each(fields.filter(({ name, field }) => !IGNORED[name]?.includes(field)))(
    '$name.$field has the default of diffusers',
    ({ name, field, value }) => {
      expect(checkScheduler({ _class_name: name })[field] ?? null).toEqual(value);
      expect(checkScheduler({ _class_name: name, [field]: null })[field] ?? null).toEqual(value);
    },
  );
});

describe('a field that cannot be served is reported in one line:', () => {
  it.each([
    ['LCMScheduler', { steps_offset: '1' }, 'steps_offset is "1"; it must be a whole number from 0 to 1000'],
    ['LCMScheduler', { clip_sample_range: 'big' }, 'clip_sample_range is "big"; it must be a number above 0'],
    [
      'DDIMScheduler',
      { timestep_spacing: 'sideways' },
      'timestep_spacing is "sideways"; it must be leading or trailing or linspace',
    ],
    ['EulerDiscreteScheduler', { beta_start: NaN }, 'beta_start is NaN; it must be a number above 0, and below 1'],
    [
      'EulerDiscreteScheduler',
      { beta_end: Infinity },
      'beta_end is Infinity; it must be a number above 0, and below 1',
    ],
    ['LCMScheduler', { beta_start: 0 }, 'beta_start is 0; it must be a number above 0, and below 1'],
    ['EulerDiscreteScheduler', { sigma_min: 2, sigma_max: 1 }, 'sigma_max is 1; it must be a number above sigma_min'],
    ['DDIMScheduler', { num_train_timesteps: 10.5 }, 'num_train_timesteps is 10.5; it must be a whole number from 1'],
    [
      'DDIMScheduler',
      { trained_betas: [0.1, 0.2] },
      'trained_betas is [0.1,0.2]; it must be a list of num_train_timesteps',
    ],
    ['DDIMScheduler', { trained_betas: [0.1, 'x'] }, 'trained_betas.1 is "x"; it must be a number'],
    [
      'EulerDiscreteScheduler',
      { interpolation_type: 'log_linear' },
      'interpolation_type is "log_linear"; it must be linear',
    ],
    [
      'EulerDiscreteScheduler',
      { use_beta_sigmas: true },
      'use_beta_sigmas is true; it must be false: noise levels by a beta',
    ],
    [
      'EulerDiscreteScheduler',
      { final_sigmas_type: 'one' },
      'final_sigmas_type is "one"; it must be zero or sigma_min',
    ],
    [
      'EulerDiscreteScheduler',
      { use_karras_sigmas: true, use_exponential_sigmas: true },
      'use_exponential_sigmas is true; it must be false beside use_karras_sigmas',
    ],
    [
      'EulerDiscreteScheduler',
      { timestep_type: 'continuous', prediction_type: 'v_prediction' },
      'timestep_type is "continuous"; it must be discrete where prediction_type is v_prediction',
    ],
    [
      'EulerAncestralDiscreteScheduler',
      { prediction_type: 'sample' },
      'prediction_type is "sample"; it must be epsilon or',
    ],
    ['LCMScheduler', { thresholding: true }, 'thresholding is true; it must be false: dynamic thresholding'],
    ['DDIMScheduler', { thresholding: true }, 'thresholding is true; it must be false: dynamic thresholding'],
    [
      'LCMScheduler',
      { original_inference_steps: 2000 },
      'original_inference_steps is 2000; it must be at most num_train_timesteps',
    ],
    [
      'LCMScheduler',
      { rescale_betas_zero_snr: true },
      'rescale_betas_zero_snr is true; it must be false where prediction_type',
    ],
    [
      'DDIMScheduler',
      { rescale_betas_zero_snr: true, timestep_spacing: 'trailing' },
      'rescale_betas_zero_snr is true; it must be false where prediction_type',
    ],
    ['CMStochasticIterativeScheduler', { sigma_max: 0.001 }, 'sigma_max is 0.001; it must be a number above sigma_min'],
    ['CMStochasticIterativeScheduler', { rho: 0 }, 'rho is 0; it must be a number above 0'],
  ])('%s %j', (name, config, message) => {
    const line = refusal({ _class_name: name, ...config });
    expect(line.startsWith(`FILE: ${message}`) ? message : line).toBe(message);
    expect(line).not.toContain('\n');
    expect(line.length).toBeLessThan(250);
  });

  it.each([
    ['EulerAncestralDiscreteScheduler', { use_karras_sigmas: true, final_sigmas_type: 'sigma_min' }],
    ['EulerDiscreteScheduler', { clip_sample: 'whatever', skip_prk_steps: true, set_alpha_to_one: false }],
    ['EulerDiscreteScheduler', { timestep_type: 'continuous' }],
    ['LCMScheduler', { lambda_min_clipped: -Infinity, solver_order: 2 }],
    ['DDIMScheduler', { rescale_betas_zero_snr: true }],
  ])('but not one that diffusers ignores: %s %j', (name, config) => {
    expect(refusal({ _class_name: name, ...config })).toBe('served');
  });

  it('takes a class by the last name of a list', () => {
    expect(checkScheduler({ _class_name: ['scheduling_own', 'LCMScheduler'] })._class_name).toBe('LCMScheduler');
    expect(refusal({ _class_name: 3 })).toBe('FILE: _class_name is 3; it must be the name of a class');
    expect(refusal({ _class_name: [] })).toMatch(/names no scheduler: set _class_name to .*LCMScheduler for/);
    expect(refusal([])).toBe('FILE: it must be an object');
  });
});
