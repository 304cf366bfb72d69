import { pack, ProtocolError, unpack } from '@underpaint/shared';
import type { Broker } from '../broker/broker.js';

/** Gateways and workers of another version of the messages do not talk to each other. */
export const LINK_VERSION = 1;

/** How a worker presents itself on the broker. The full description of its model follows on the link. */
export interface Announcement {
  readonly version: number;
  /** New at every start. */
  readonly id: string;
  /** Where it runs, for people. */
  readonly host: string;
  readonly model: { readonly id: string; readonly width: number; readonly height: number };
  readonly device: string;
  readonly dtype: string;
  /** Rows that run at once. */
  readonly rows: number;
  /** ms of one row. */
  readonly rowMs: number;
}

/** A worker announces itself this often, in ms; the subjects on which it does, and is asked to do so at once. */
export const ANNOUNCE_EVERY_MS = 1_000;
const ANNOUNCED = 'underpaint.announced';
const ASKED = 'underpaint.asked';

const NOTHING = new Uint8Array(0);
const LINK_ID = /^[\w-]{1,64}$/;

export function announce(broker: Broker, announcement: Announcement): void {
  broker.publish(ANNOUNCED, pack(announcement));
}

/** Calls `listener` when a gateway asks for announcements. */
export function onAsked(broker: Broker, listener: () => void): () => void {
  return broker.subscribe(ASKED, listener);
}

/** Calls `listener` with every announcement of this version, and asks for one. */
export function onAnnounced(broker: Broker, listener: (announcement: Announcement) => void): () => void {
  const end = broker.subscribe(ANNOUNCED, ({ bytes }) => {
    const announcement = unpacked(bytes) as Partial<Announcement> | null | undefined;
    if (announcement?.version === LINK_VERSION) listener(announcement as Announcement);
  });
  broker.publish(ASKED, NOTHING);
  return end;
}

/** Asks a worker to open its end of a link. `replyTo` hears at once if the worker is gone. */
export function askToOpen(
  broker: Broker,
  worker: string,
  link: { readonly id: string; readonly replyTo: string },
): void {
  broker.publish(subjectOf(worker), pack({ version: LINK_VERSION, link: link.id }), link.replyTo);
}

/** Calls `listener` with the id of every link that a gateway asks this worker to open. */
export function onAskedToOpen(broker: Broker, worker: string, listener: (link: string) => void): () => void {
  return broker.subscribe(subjectOf(worker), ({ bytes }) => {
    const { version, link } = (unpacked(bytes) ?? {}) as { readonly version?: unknown; readonly link?: unknown };
    if (version === LINK_VERSION && typeof link === 'string' && LINK_ID.test(link)) listener(link);
  });
}

function subjectOf(worker: string): string {
  return `underpaint.worker.${worker}`;
}

function unpacked(bytes: Uint8Array): unknown {
  try {
    return unpack(bytes);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
