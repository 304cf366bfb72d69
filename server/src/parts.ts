import type { Config } from './config/config.js';
import { ExecutorPool } from './inference/host/pool.js';
import type { Logger } from './logger.js';
import { warmUpDrawings } from './rooms/drawing/warm-up.js';
import { FolderStore } from './rooms/stores/folder-store.js';
import { MemoryStore } from './rooms/stores/memory-store.js';
import type { RoomStore } from './rooms/stores/room-store.js';

/** Parts of a server that take time to start, or may fail. */
export interface Parts {
  readonly executor: ExecutorPool;
  readonly store: RoomStore;
}

const HOUR_MS = 3_600_000;

/**
 * Opens the rooms and loads the model.
 *
 * @throws UsageError if the model or the folder of the rooms cannot be used
 */
export async function startParts(config: Config, log: Logger): Promise<Parts> {
  const store = openStore(config, log);
  // While the model loads, there is nothing else to do here.
  const [executor] = await Promise.all([startExecutor(config, log), warmUpDrawings()]);
  return { executor, store };
}

function openStore({ roomsDir, roomTtlHours }: Config, log: Logger): RoomStore {
  const ttlMs = roomTtlHours * HOUR_MS;
  const now = () => performance.now();
  return roomsDir === '' ? new MemoryStore({ ttlMs, now }) : FolderStore.open({ dir: roomsDir, ttlMs, log });
}

function startExecutor(config: Config, log: Logger): Promise<ExecutorPool> {
  const { device, workers, threads, maxRows, maxFramePixels, hangMs, silentMs, loadMs, restartMs } = config;
  const { model: modelDir, vae: vaeDir, size, safetyChecker, dtype } = config;
  const worker = { modelDir, vaeDir, size, safetyChecker, device, dtype, threads, maxRows, maxFramePixels };
  return ExecutorPool.start({ worker, workers, log, bounds: { hangMs, silentMs, loadMs }, restartMs });
}
