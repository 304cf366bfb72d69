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
import { keptMs, SharedSessions } from './session/shared-sessions.js';
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
  /** Sessions that clients may resume on any server. */
  readonly sessions: SharedSessions | undefined;
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
  const { nats: url, natsCreds: creds } = config;
  const broker = url === '' ? undefined : await connectNats({ url, creds, name: 'gateway', log });
  try {
    const server = randomUUID();
    const shared = broker && (await openShared(config, { broker, server, log }));
    const rooms = shared?.rooms ?? { store: openStore(config, log), leases: undefined };
    // While the model loads, there is nothing else to do here.
    const [executor] = await Promise.all([startExecutor(config, log, broker), warmUpDrawings()]);
    return { executor, tokens, broker, promptCheck, tracing, sessions: shared?.sessions, ...rooms };
  } catch (error) {
    await broker?.close();
    throw error;
  }
}

interface Sharing {
  readonly broker: Broker;
  /** Names this server. */
  readonly server: string;
  readonly log: Logger;
}

/** What all servers share; undefined if each has its own. */
async function openShared(config: Config, sharing: Sharing) {
  const { broker, server, log } = sharing;
  const bucket = await broker.openBucket('underpaint-sessions', keptMs(config.resumeTtlMs));
  if (!bucket) {
    log.warn('NATS runs without JetStream: rooms and sessions stay on this server, and in its memory only');
    return undefined;
  }
  // Other gateways name this one so in their logs.
  log.info({ server }, 'shares sessions with other gateways');
  const sessions = new SharedSessions({ broker, bucket, server, log });
  return { sessions, rooms: config.roomsDir === '' ? await openSharedRooms(config, sharing) : undefined };
}

async function openSharedRooms({ roomTtlHours }: Config, { broker, server, log }: Sharing) {
  const [rooms, owners] = await Promise.all([
    broker.openBucket('underpaint-rooms'),
    broker.openBucket('underpaint-owners'),
  ]);
  const store = await BucketStore.open({ bucket: rooms!, ttlMs: roomTtlHours * HOUR_MS, log });
  return { store, leases: await Leases.open({ bucket: owners!, server, log }) };
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
