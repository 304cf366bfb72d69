import { createHash } from 'node:crypto';
import { pack } from '@underpaint/shared';
import * as v from 'valibot';
import type { Broker } from '../broker/broker.js';
import type { Bucket } from '../broker/bucket.js';
import { parseMessage } from '../broker/parse-message.js';
import type { Logger } from '../logger.js';
import type { SessionMemory, SharedMemories } from './registry.js';

export interface SharedSessionsOptions {
  readonly broker: Pick<Broker, 'publish' | 'subscribe'>;
  /** Keeps a record at least `KEPT_MS`. */
  readonly bucket: Bucket;
  /** Names this server; new at every start. */
  readonly server: string;
  readonly log: Pick<Logger, 'warn'>;
}

/** The part of a session that moves to another server. The drawing and the last image stay with the client. */
const RecordSchema = v.object({
  server: v.string(),
  session: v.string(),
  lastSeq: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** Checked when a canvas gets them: the other server may serve other ranges. */
  params: v.optional(v.record(v.string(), v.unknown())),
});
const TakenSchema = v.object({ server: v.string(), session: v.string() });

const LOOK_MS = 500;
/** A record of a live session is written again this often, so that it is not forgotten. */
const REFRESH_MS = 60_000;
/** Longest wait for a record; then the session is a new one. */
const LOAD_MS = 1_000;
const TAKEN = 'underpaint.session-taken';
const SECRET = /^[\w-]{32}$/;

/** How long a bucket must keep a record, so that a session can be resumed for `resumeTtlMs` after its server died. */
export function keptMs(resumeTtlMs: number): number {
  return resumeTtlMs + REFRESH_MS;
}

/** The sessions of all servers in a bucket of the broker, so that a client can resume its session on any of them. */
export class SharedSessions implements SharedMemories {
  readonly #options: SharedSessionsOptions;
  readonly #saved = new WeakMap<SessionMemory, { readonly version: number; readonly atMs: number }>();
  readonly #writing = new Set<Promise<void>>();
  #endListening: () => void = () => undefined;
  #lookTimer: NodeJS.Timeout | undefined;

  constructor(options: SharedSessionsOptions) {
    this.#options = options;
  }

  onTaken(listener: (session: string) => void): void {
    const { broker, server } = this.#options;
    this.#endListening = broker.subscribe(TAKEN, ({ bytes }) => {
      const taken = parseMessage(TakenSchema, bytes);
      if (taken && taken.server !== server) listener(taken.session);
    });
  }

  follow(memories: () => Iterable<SessionMemory>): void {
    this.#lookTimer = setInterval(() => {
      for (const memory of memories()) if (this.#isDue(memory)) this.save(memory);
    }, LOOK_MS).unref();
  }

  async load(resume: string): Promise<SessionMemory | undefined> {
    if (!SECRET.test(resume)) return undefined;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), LOAD_MS)));
    const entry = await Promise.race([this.#options.bucket.get(keyOf(resume)).catch(() => undefined), late]);
    clearTimeout(timer);
    const record = entry && parseRecord(entry.value);
    if (!record || record.server === this.#options.server) return undefined;
    const { session, lastSeq, params } = record;
    return { session, resume, lastSeq, params, canvas: undefined };
  }

  take(memory: SessionMemory): void {
    const { broker, server } = this.#options;
    this.save(memory);
    broker.publish(TAKEN, pack({ server, session: memory.session }));
  }

  save(memory: SessionMemory): void {
    const { bucket, server, log } = this.#options;
    const { session, resume, lastSeq, canvas } = memory;
    this.#saved.set(memory, { version: canvas?.version ?? 0, atMs: performance.now() });
    const record = { server, session, lastSeq, params: canvas?.params ?? memory.params };
    const writing = bucket
      .put(keyOf(resume), Buffer.from(JSON.stringify(record)))
      .catch((error: unknown) => log.warn({ err: error }, 'a session could not be saved for other servers'))
      .finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }

  async close(): Promise<void> {
    clearInterval(this.#lookTimer);
    this.#endListening();
    await Promise.all(this.#writing);
  }

  #isDue(memory: SessionMemory): boolean {
    const saved = this.#saved.get(memory);
    if (saved?.version !== (memory.canvas?.version ?? 0)) return true;
    return performance.now() - saved.atMs >= REFRESH_MS;
  }
}

/** Those who can read the bucket cannot resume. */
function keyOf(resume: string): string {
  return createHash('sha256').update(resume).digest('base64url');
}

function parseRecord(value: Uint8Array): v.InferOutput<typeof RecordSchema> | undefined {
  try {
    return v.parse(RecordSchema, JSON.parse(Buffer.from(value).toString()));
  } catch {
    return undefined;
  }
}
