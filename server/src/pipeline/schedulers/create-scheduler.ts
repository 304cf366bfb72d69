import { ModelError } from '../errors.js';
import { CmScheduler } from './cm-scheduler.js';
import { DdimScheduler } from './ddim-scheduler.js';
import { EulerScheduler } from './euler-scheduler.js';
import { LcmScheduler, type StrengthRule } from './lcm-scheduler.js';
import type { SchedulerConfig } from './noise-schedule.js';
import type { Sampler } from './sampler.js';
import type { Scheduler } from './scheduler.js';

/** The schedule of models that work on the pixels themselves. */
export const PIXEL_SCHEDULER = 'CMStochasticIterativeScheduler';
const CONSISTENCY_SCHEDULERS: readonly (string | undefined)[] = ['LCMScheduler', PIXEL_SCHEDULER];

/**
 * @param sampler another way through a consistency model's points than its own
 * @throws ModelError when the configuration names a scheduler that is not served, or has no such sampler
 */
export function createScheduler(config: SchedulerConfig, rule: StrengthRule, sampler?: Sampler): Scheduler {
  const name = config._class_name;
  if (sampler && !CONSISTENCY_SCHEDULERS.includes(name) && !(name === 'DDIMScheduler' && sampler === 'ddim')) {
    throw new ModelError(
      `the sampler ${sampler} is for consistency models; this one has ${name ?? 'no scheduler'}, leave --sampler away`,
    );
  }
  switch (name) {
    case 'LCMScheduler':
      return new LcmScheduler(config, rule, sampler);
    case PIXEL_SCHEDULER:
      return new CmScheduler(config, sampler);
    case 'DDIMScheduler':
      return new DdimScheduler(config);
    case 'EulerDiscreteScheduler':
    case 'EulerAncestralDiscreteScheduler':
      return new EulerScheduler(config);
    default:
      throw new ModelError(
        `scheduler_config.json names ${name ?? 'no scheduler'}: set _class_name to LCMScheduler for a latent ` +
          'consistency model or a merged LCM-LoRA, to EulerDiscreteScheduler for a turbo model, to DDIMScheduler for a diffusion model, ' +
          `to ${PIXEL_SCHEDULER} for a consistency model of pixels`,
      );
  }
}
