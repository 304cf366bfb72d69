import { setTimeout as wait } from 'node:timers/promises';
import { jetstreamManager, JetStreamApiError, type JetStreamManager } from '@nats-io/jetstream';
import { Kvm, type KV, type KvEntry, type KvWatchOptions } from '@nats-io/kv';
import type { Bucket, Entry, KeyAndTime } from './bucket.js';

type NatsConnection = Parameters<typeof jetstreamManager>[0];

/** Servers of a cluster that keep a bucket each, so that one may die. */
const REPLICAS = 3;
/** Longest time for an election, and between two tries. */
const ELECTION_MS = 15_000;
const RETRY_MS = 250;
/** Longest wait for an answer: a stream without a leader gives none. */
const ANSWER_MS = 1_500;
/** Longest wait for the first values of a watch. In nats-server 2.9 one may stay behind for ever after a server has died. */
const FIRST_VALUES_MS = 5_000;
const WRONG_REVISION = 10_071;
/** Of the head of a message. */
const HEAD_BYTES = 4_096;

/** A bucket of JetStream's key-value store; it is made if there is none. @param keptMs as of `Broker.openBucket` */
export async function openNatsBucket(connection: NatsConnection, name: string, keptMs?: number): Promise<Bucket> {
  const replicas = connection.info!.cluster === undefined ? 1 : REPLICAS;
  const options = { history: 1, replicas, ...(keptMs !== undefined && { ttl: keptMs }) };
  const open = () =>
    Promise.all([jetstreamManager(connection, { timeout: ANSWER_MS }), new Kvm(connection).create(name, options)]);
  const [manager, keys] = await patiently(open);
  return new NatsBucket({ name, keys, manager, maxValue: connection.info!.max_payload - HEAD_BYTES });
}

/** A cluster that has just started, or lost its leader, refuses everything until it has elected one. */
async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  for (const endMs = performance.now() + ELECTION_MS; ; await wait(RETRY_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > endMs) throw error;
    }
  }
}

interface NatsBucketParts {
  readonly name: string;
  readonly keys: KV;
  readonly manager: JetStreamManager;
  readonly maxValue: number;
}

class NatsBucket implements Bucket {
  readonly maxValue: number;
  readonly #name: string;
  readonly #keys: KV;
  readonly #manager: JetStreamManager;

  constructor({ name, keys, manager, maxValue }: NatsBucketParts) {
    this.#name = name;
    this.#keys = keys;
    this.#manager = manager;
    this.maxValue = maxValue;
  }

  async get(key: string): Promise<Entry | undefined> {
    const entry = await this.#keys.get(key);
    return entry?.operation === 'PUT' ? entryOf(entry) : undefined;
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    await this.#keys.put(key, value);
  }

  update(key: string, value: Uint8Array, revision: number): Promise<number | undefined> {
    const writing = revision === 0 ? this.#keys.create(key, value) : this.#keys.update(key, value, revision);
    return writing.catch(undefinedIfChanged);
  }

  async delete(key: string, revision: number): Promise<boolean> {
    const deleting = this.#keys.delete(key, { previousSeq: revision }).then(() => true);
    return (await deleting.catch(undefinedIfChanged)) ?? false;
  }

  async purge(prefix: string): Promise<void> {
    await this.#manager.streams.purge(`KV_${this.#name}`, { filter: `$KV.${this.#name}.${prefix}.>` });
  }

  async list(prefix: string): Promise<KeyAndTime[]> {
    const found: KeyAndTime[] = [];
    const options: KvWatchOptions = { key: `${prefix}.>`, headers_only: true };
    const entries = await this.#keys.history(options);
    for await (const { key, operation, created } of entries) {
      if (operation === 'PUT') found.push({ key, writtenMs: created.getTime() });
    }
    return found;
  }

  async watch(prefix: string, listener: (name: string, entry: Entry | undefined) => void): Promise<() => void> {
    const key = `${prefix}.*`;
    const entries = await patiently(() => this.#keys.watch({ key }));
    const newest = await patiently(() => this.#newestOf(key));
    await new Promise<void>((resolve) => {
      if (newest === 0) resolve();
      setTimeout(resolve, FIRST_VALUES_MS).unref();
      void (async () => {
        for await (const entry of entries) {
          listener(entry.key.slice(prefix.length + 1), entry.operation === 'PUT' ? entryOf(entry) : undefined);
          if (entry.revision >= newest) resolve();
        }
      })();
    });
    return () => entries.stop();
  }

  /**
   * The revision of the newest of these keys; 0 if there are none. They are delivered in this order. The numbers of pending
   * messages do not say when all have come: in nats-server 2.9 they are wrong when a key is written meanwhile.
   */
  async #newestOf(key: string): Promise<number> {
    const query = { last_by_subj: `$KV.${this.#name}.${key}` };
    const message = await this.#manager.streams.getMessage(`KV_${this.#name}`, query);
    return message?.seq ?? 0;
  }
}

function entryOf({ value, revision, created }: KvEntry): Entry {
  return { value, revision, writtenMs: created.getTime() };
}

function undefinedIfChanged(error: unknown): undefined {
  if (error instanceof JetStreamApiError && error.code === WRONG_REVISION) return undefined;
  throw error;
}
