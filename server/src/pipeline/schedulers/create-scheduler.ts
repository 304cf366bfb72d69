import { ModelError } from '../errors.js';
import { EulerScheduler } from './euler-scheduler.js';
import { LcmScheduler, type StrengthRule } from './lcm-scheduler.js';
import type { SchedulerConfig } from './noise-schedule.js';
import type { Scheduler } from './scheduler.js';

/** @throws ModelError when the configuration names a scheduler that is not for few-step models */
export function createScheduler(config: SchedulerConfig, rule: StrengthRule): Scheduler {
  switch (config._class_name) {
    case 'LCMScheduler':
      return new LcmScheduler(config, rule);
    case 'EulerDiscreteScheduler':
    case 'EulerAncestralDiscreteScheduler':
      return new EulerScheduler(config);
    default:
      throw new ModelError(
        `scheduler_config.json names ${config._class_name ?? 'no scheduler'}: set _class_name to LCMScheduler for a latent ` +
          'consistency model or a merged LCM-LoRA, to EulerDiscreteScheduler for a turbo model',
      );
  }
}
