import * as v from 'valibot';
import { ModelError } from '../errors.js';
import { className, record, type Fields } from '../fields.js';
import { checkFields } from '../folder/read-json.js';
import type { ScheduleFields, Scheduler, SchedulerKind, SchedulerOptions, Training } from './scheduler.js';
import * as served from './served.js';

const SCHEDULERS: readonly SchedulerKind[] = Object.values(served);

/** `scheduler_config.json`, checked: the fields that its class reads, and those that it ignores. */
export interface SchedulerConfig extends ScheduleFields {
  readonly _class_name: string;
}

const SOURCE = 'scheduler_config.json';
const namedClass = record({ _class_name: v.optional(className()) });

/**
 * @param source the file, for the message
 * @throws ModelError when it names no class that is served, or has a field that its class does not allow
 */
export function checkScheduler(fields: unknown, source = SOURCE): SchedulerConfig {
  const { name, kind } = kindOf(fields, source);
  return { ...checkFields(kind.schema, fields, source), _class_name: name };
}

/**
 * The kind of training that the model had, by its schedule.
 *
 * @throws ModelError when a field is not allowed
 */
export function trainingOf(config: Fields): Training {
  return kindOf(config, SOURCE).kind.training(config);
}

/** @throws ModelError when a field is not allowed, or the scheduler does not know the sampler */
export function createScheduler(config: Fields, options: SchedulerOptions): Scheduler {
  const { sampler } = options;
  const { name, kind } = kindOf(config, SOURCE);
  if (sampler && !kind.samplers.includes(sampler)) {
    throw new ModelError(`the sampler ${sampler} is for consistency models; this one has ${name}, leave --sampler out`);
  }
  return kind.create(config, options);
}

function kindOf(fields: unknown, source: string): { readonly name: string; readonly kind: SchedulerKind } {
  const { _class_name: name = '' } = checkFields(namedClass, fields, source);
  const kind = SCHEDULERS.find(({ names }) => names.includes(name));
  if (kind) return { name, kind };
  const choices = SCHEDULERS.map(({ names, purpose }) => `${names.join(' or ')} for ${purpose}`);
  throw new ModelError(`${source} names ${name || 'no scheduler'}: set _class_name to ${choices.join(', to ')}`);
}
