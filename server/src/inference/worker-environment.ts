import { cacheFolder, type Env } from './cache-folder.js';

/**
 * What ONNX Runtime reads from the environment and from nowhere else. TensorRT builds an engine for each graph, which
 * takes minutes: they are kept beside the model, or in the user's cache where that folder cannot be written to.
 *
 * @returns variables to set; what the person set already is left as it is
 */
export function workerEnvironment(device: string, modelDir: string, env: Env): Record<string, string> {
  if (!device.startsWith('tensorrt')) return {};
  const wanted = {
    ORT_TENSORRT_ENGINE_CACHE_ENABLE: '1',
    ORT_TENSORRT_TIMING_CACHE_ENABLE: '1',
    ORT_TENSORRT_CACHE_PATH: env['ORT_TENSORRT_CACHE_PATH'] ?? cacheFolder('tensorrt', modelDir, env),
  };
  return Object.fromEntries(Object.entries(wanted).filter(([name]) => env[name] === undefined));
}
