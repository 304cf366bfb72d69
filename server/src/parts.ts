import type { Broker } from './broker/broker.js';
import { connectNats } from './broker/nats.js';
import type { Config } from './config/config.js';
import { devicesOptions } from './devices-options.js';
import { ExecutorPool } from './inference/host/pool.js';
import { workersOn } from './inference/host/remote/find-workers.js';
import { RemoteWorkers } from './inference/host/remote/remote-workers.js';
import type { Logger } from './logger.js';
import { warmUpDrawings } from './rooms/drawing/warm-up.js';
import { FolderStore } from './rooms/stores/folder-store.js';
import { MemoryStore } from './rooms/stores/memory-store.js';
import type { RoomStore } from './rooms/stores/room-store.js';

/** Parts of a server that take time to start, or may fail. */
export interface Parts {
  readonly executor: ExecutorPool;
  readonly store: RoomStore;
  /** Undefined for a server on one machine. */
  readonly broker: Broker | undefined;
}

const HOUR_MS = 3_600_000;

/**
 * Opens the rooms, connects to the broker and loads the model.
 *
 * @throws UsageError if the model, the broker or the folder of the rooms cannot be used
 */
export async function startParts(config: Config, log: Logger): Promise<Parts> {
  const store = openStore(config, log);
  const broker = config.nats === '' ? undefined : await connectNats({ url: config.nats, name: 'gateway', log });
  try {
    // While the model loads, there is nothing else to do here.
    const [executor] = await Promise.all([startExecutor(config, log, broker), warmUpDrawings()]);
    return { executor, store, broker };
  } catch (error) {
    await broker?.close();
    throw error;
  }
}

function openStore({ roomsDir, roomTtlHours }: Config, log: Logger): RoomStore {
  const ttlMs = roomTtlHours * HOUR_MS;
  const now = () => performance.now();
  return roomsDir === '' ? new MemoryStore({ ttlMs, now }) : FolderStore.open({ dir: roomsDir, ttlMs, log });
}

function startExecutor(config: Config, log: Logger, broker: Broker | undefined): Promise<ExecutorPool> {
  const { workers, hangMs } = config;
  const remote = broker && new RemoteWorkers({ find: workersOn(broker), hangMs, log });
  if (workers === 0) log.info('waiting for a worker on NATS: underpaint worker --nats URL');
  return ExecutorPool.start({ ...devicesOptions(config, log), remote });
}
