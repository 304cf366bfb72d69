import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

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
    ORT_TENSORRT_CACHE_PATH: env['ORT_TENSORRT_CACHE_PATH'] ?? cacheFolder(modelDir, env),
  };
  return Object.fromEntries(Object.entries(wanted).filter(([name]) => env[name] === undefined));
}

function cacheFolder(modelDir: string, env: Env): string {
  const beside = join(resolve(modelDir), '.tensorrt');
  if (makeWritable(beside)) return beside;
  const cache = env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const own = join(cache, 'underpaint', 'tensorrt', basename(resolve(modelDir)));
  makeWritable(own);
  return own;
}

function makeWritable(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
