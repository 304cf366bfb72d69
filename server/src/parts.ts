import { randomUUID } from 'node:crypto';
import { Tokens } from './access/tokens.js';
import type { Broker } from './broker/broker.js';
import { connectNats } from './broker/nats.js';
import type { Config } from './config/config.js';
import { devicesOptions } from './devices-options.js';
import { ExecutorPool } from './inference/host/pool.js';
import { workersOn } from './inference/host/remote/find-workers.js';
import { RemoteWorkers } from './inference/host/remote/remote-workers.js';
import type { Logger } from './logger.js';
import { warmUpDrawings } from './rooms/drawing/warm-up.js';
import { Leases } from './rooms/leases.js';
import { BucketStore } from './rooms/stores/bucket-store.js';
import { FolderStore } from './rooms/stores/folder-store.js';
import { MemoryStore } from './rooms/stores/memory-store.js';
import type { RoomStore } from './rooms/stores/room-store.js';
import { startTracing } from './tracing/start-tracing.js';
import type { Tracing } from './tracing/tracing.js';
import { openPromptCheck } from './words/open-prompt-check.js';
import type { PromptCheck } from './words/prompt-check.js';

/** Parts of a server that take time to start, or may fail. */
export interface Parts {
  readonly executor: ExecutorPool;
  readonly tokens: Tokens;
  readonly store: RoomStore;
  /** Which server has which room, where several share them. */
  readonly leases: Leases | undefined;
  /** Undefined for a server on one machine. */
  readonly broker: Broker | undefined;
  readonly promptCheck: PromptCheck | undefined;
  /** Undefined unless traces are exported. */
  readonly tracing: Tracing | undefined;
}

const HOUR_MS = 3_600_000;

/**
 * Opens the rooms, connects to the broker and loads the model.
 *
 * @throws UsageError if the model, the broker, the keys of tokens, the folder of the rooms or the check of words cannot be used
 */
export async function startParts(config: Config, log: Logger): Promise<Parts> {
  const promptCheck = openPromptCheck(config.promptCheck, log);
  const tracing = await startTracing({ otel: config.otel, env: process.env, service: 'underpaint-gateway', log });
  const tokens = await Tokens.open(config, log);
  const broker = config.nats === '' ? undefined : await connectNats({ url: config.nats, name: 'gateway', log });
  try {
    const rooms = (broker && (await openShared(config, broker, log))) ?? { store: openStore(config, log) };
    // While the model loads, there is nothing else to do here.
    const [executor] = await Promise.all([startExecutor(config, log, broker), warmUpDrawings()]);
    return { executor, tokens, broker, promptCheck, tracing, leases: undefined, ...rooms };
  } catch (error) {
    await broker?.close();
    throw error;
  }
}

/** Rooms that all servers share; undefined if each has its own. */
async function openShared({ roomsDir, roomTtlHours }: Config, broker: Broker, log: Logger) {
  if (roomsDir !== '') return undefined;
  const [rooms, owners] = await Promise.all([
    broker.openBucket('underpaint-rooms'),
    broker.openBucket('underpaint-owners'),
  ]);
  if (!rooms || !owners) {
    log.warn('NATS runs without JetStream: rooms stay on this server, and in its memory only');
    return undefined;
  }
  const store = await BucketStore.open({ bucket: rooms, ttlMs: roomTtlHours * HOUR_MS, log });
  return { store, leases: await Leases.open({ bucket: owners, server: randomUUID(), log }) };
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
