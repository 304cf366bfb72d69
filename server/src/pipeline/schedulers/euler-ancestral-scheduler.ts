import * as v from 'valibot';
import { oneOf, record, type Fields } from '../fields.js';
import { checkFields } from '../folder/read-json.js';
import { EULER_PURPOSE, eulerFields, EulerScheduler, eulerTraining } from './euler-scheduler.js';
import { betasFit } from './noise-schedule.js';
import type { SchedulerKind } from './scheduler.js';

const fields = { ...eulerFields, prediction_type: v.optional(oneOf('epsilon', 'v_prediction'), 'epsilon') };
const schema = record(fields, betasFit);

/** The fields that this class reads; those of the plain Euler scheduler that it lacks take their defaults there. */
function ownFields(config: Fields): Fields {
  const checked = checkFields(schema, config, 'scheduler_config.json');
  return Object.fromEntries(Object.entries(checked).filter(([name]) => name in fields));
}

export const eulerAncestral: SchedulerKind = {
  names: ['EulerAncestralDiscreteScheduler'],
  schema,
  samplers: [],
  purpose: EULER_PURPOSE,
  training: (config) => eulerTraining(ownFields(config)),
  create: (config) => new EulerScheduler(ownFields(config), { ancestral: true }),
};
