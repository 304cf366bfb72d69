import * as v from 'valibot';
import { ModelError } from '../errors.js';
import { className, record, type Fields } from '../fields.js';
import { checkFields } from '../folder/read-json.js';
import { cm } from './cm-scheduler.js';
import { ddim } from './ddim-scheduler.js';
import { euler, eulerAncestral } from './euler-scheduler.js';
import { lcm } from './lcm-scheduler.js';
import type { Scheduler, SchedulerKind, SchedulerOptions } from './scheduler.js';

/** The classes of diffusers that are served. */
const SCHEDULERS: readonly SchedulerKind[] = [lcm, euler, eulerAncestral, ddim, cm];

/** What `scheduler_config.json` says, checked: every field that its class reads, and those that it ignores. */
export interface SchedulerConfig extends Fields {
  readonly _class_name: string;
  readonly num_train_timesteps: number;
}

const namedClass = record({ _class_name: v.optional(className()) });

/**
 * @param source where it comes from, for the message
 * @throws ModelError when it names no class that is served, or has a field that its class does not allow
 */
export function checkScheduler(fields: unknown, source = 'scheduler_config.json'): SchedulerConfig {
  const kind = kindOf(fields, source);
  return { ...checkFields(kind.schema, fields, source), _class_name: kind.name };
}

/** Whether there are neither text encoders nor an autoencoder around the unet: pictures alone go in and out. */
export function isOfPixels({ _class_name: name }: SchedulerConfig): boolean {
  return name === cm.name;
}

/** @throws ModelError when a field is not allowed, or there is no such sampler */
export function createScheduler(config: Fields, options: SchedulerOptions): Scheduler {
  const { sampler } = options;
  const kind = kindOf(config, 'scheduler_config.json');
  if (sampler && !kind.samplers.includes(sampler)) {
    throw new ModelError(
      `the sampler ${sampler} is for consistency models; this one has ${kind.name}, leave --sampler away`,
    );
  }
  return kind.create(config, options);
}

function kindOf(fields: unknown, source: string): SchedulerKind {
  const { _class_name: name } = checkFields(namedClass, fields, source);
  const kind = SCHEDULERS.find((served) => served.name === name);
  if (kind) return kind;
  const served = SCHEDULERS.map((each) => `${each.name} for ${each.purpose}`);
  throw new ModelError(`${source} names ${name || 'no scheduler'}: set _class_name to ${served.join(', to ')}`);
}
