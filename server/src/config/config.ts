import { UsageError } from '../errors.js';
import { LIMITS } from './limits.js';
import { findModel } from './models-folder.js';
import type { Values } from './option.js';
import { defaultsOf } from './parse.js';
import { SERVE_OPTIONS } from './serve-options.js';

type ServeValues = Values<typeof SERVE_OPTIONS>;

/** Every setting of the service. */
export type Config = ServeValues & Readonly<typeof LIMITS>;

/** Every setting when no option is given. */
export const DEFAULTS: Config = Object.freeze({ ...defaultsOf(SERVE_OPTIONS), ...LIMITS });

/**
 * The settings of the service from the options of `serve`: names of models become folders.
 *
 * @returns frozen
 * @throws UsageError when a model does not exist, or options contradict each other
 */
export function createConfig(values: ServeValues, env: Readonly<Record<string, string | undefined>>): Config {
  if ((values.tlsCert === '') !== (values.tlsKey === '')) {
    throw new UsageError('--tls-cert and --tls-key belong together: give both or none');
  }
  if (values.workers === 0 && values.nats === '') {
    throw new UsageError('--workers 0 leaves the work to workers on NATS: give --nats URL too, or leave --workers out');
  }
  // Workers elsewhere have their own folders.
  const model = values.workers === 0 ? '' : findModel(values.model, env);
  const vae = values.vae && findModel(values.vae, env);
  return Object.freeze({ ...values, ...LIMITS, model, vae });
}
