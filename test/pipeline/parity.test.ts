import { describe, expect, it } from 'vitest';
import { caseNames, runCase } from '../../server/src/cli/parity/cases.js';
import { runChecks } from '../../server/src/cli/parity/checks.js';
import { CONTROL_DIR, MODELS_DIR, PARITY_DIR } from './model-folder-fixture.js';

/* Recorded output of diffusers 0.40.0.dev0: the READMEs of test/fixtures/parity, models and control. */

describe('parity with diffusers', async () => {
  it.each(await caseNames(PARITY_DIR))('%s, from picture and noise to picture', async (name) => {
    const result = await runCase(PARITY_DIR, name);
    expect(result).toBeDefined();
    expect(result!.latentsMax).toBeLessThan(1e-3);
    expect(result!.pixelsMax).toBeLessThanOrEqual(2);
  });

  it.each(await caseNames(MODELS_DIR))('%s, a whole folder, from words and picture to picture', async (name) => {
    const result = await runCase(MODELS_DIR, name);
    expect(result!.latentsMax).toBeLessThan(result!.latentsTolerance);
    expect(result!.pixelsMax).toBeLessThanOrEqual(2);
  });

  it.each(await caseNames(CONTROL_DIR))('%s, with the sketch as a condition', async (name) => {
    const result = await runCase(CONTROL_DIR, name);
    expect(result!.latentsMax).toBeLessThan(1e-3);
    expect(result!.pixelsMax).toBeLessThanOrEqual(2);
  });

  it('the tables of schedulers and guidance', async () => {
    const checks = await runChecks(PARITY_DIR);
    expect(checks.map(({ name }) => name)).toEqual([
      'LCM timesteps, 764 schedules',
      'alphas_cumprod',
      'c_skip and c_out at 144 timesteps',
      'LCM steps, 10 schedules',
      'Euler timesteps and sigmas, 6 schedules',
      'guidance embedding of 11 scales',
    ]);
    expect(checks.filter(({ worst, tolerance }) => !(worst <= tolerance))).toEqual([]);
  });
});
