import { platform } from 'node:os';
import { findModel } from '../../config/models-folder.js';
import { optimisedDirOf } from '../../inference/cache-folder.js';
import { loadFastest, type LoadFastestOptions } from '../../inference/device/load-fastest.js';
import { BEST_FIRST, parseDevice } from '../../inference/device-name.js';
import { availableCores } from '../../inference/host/cores.js';
import { whyNoGraphics } from '../../inference/host/graphics-hardware.js';
import { ModelError } from '../../pipeline/errors.js';
import type { Pipeline } from '../../pipeline/pipeline.js';
import type { InferValues } from './options.js';

/**
 * Loads the model that the options name; `--device auto` takes the first device that starts.
 *
 * @throws UsageError, ModelError
 */
export async function loadChosen(values: InferValues, env: Readonly<NodeJS.ProcessEnv>): Promise<Pipeline> {
  const { size, safetyChecker, sampler, vae, device, dtype } = values;
  const modelDir = findModel(values.model, env);
  const options = {
    vaeDir: vae === '' ? undefined : findModel(vae, env),
    size,
    safetyChecker,
    threads: values.threads || availableCores(),
    sampler,
    dtype,
    optimisedDir: optimisedDirOf(modelDir, env),
  };
  const load = (name: string) => loadOn(name, modelDir, options);
  return device === 'auto' ? loadOnBest(load) : load(device);
}

async function loadOn(device: string, modelDir: string, options: LoadFastestOptions): Promise<Pipeline> {
  return (await loadFastest(modelDir, { ...options, ...parseDevice(device) })).pipeline;
}

async function loadOnBest(load: (device: string) => Promise<Pipeline>): Promise<Pipeline> {
  for (const device of BEST_FIRST) {
    if (device === 'webgpu' && whyNoGraphics(platform())) continue;
    try {
      return await load(device);
    } catch (error) {
      // If the model itself is wrong, loading it on the CPU fails with the same message.
      if (!(error instanceof ModelError)) throw error;
    }
  }
  return load('cpu');
}
