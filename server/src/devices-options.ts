import type { Values } from './config/option.js';
import type { LIMITS } from './config/limits.js';
import type { WORKER_OPTIONS } from './config/worker-options.js';
import type { DevicesOptions } from './inference/host/devices.js';
import type { Logger } from './logger.js';

type Settings = Values<typeof WORKER_OPTIONS> &
  Pick<typeof LIMITS, 'maxFramePixels' | 'hangMs' | 'silentMs' | 'loadMs' | 'restartMs'>;

/** The settings of the workers of this process. */
export function devicesOptions(settings: Settings, log: Logger): DevicesOptions {
  const { device, workers, threads, maxRows, maxFramePixels, hangMs, silentMs, loadMs, restartMs } = settings;
  const { model: modelDir, vae: vaeDir, size, safetyChecker, dtype } = settings;
  const worker = { modelDir, vaeDir, size, safetyChecker, device, dtype, threads, maxRows, maxFramePixels };
  return { worker, workers, log, bounds: { hangMs, silentMs, loadMs }, restartMs };
}
