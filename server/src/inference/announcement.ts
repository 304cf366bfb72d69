import { pack } from '@underpaint/shared';
import * as v from 'valibot';
import type { Broker } from '../broker/broker.js';
import { NameSchema, parseMessage } from '../broker/parse-message.js';

/** Gateways and workers of another version of the messages do not talk to each other. */
export const LINK_VERSION = 1;

/** Text for people and logs. */
const TextSchema = v.pipe(v.string(), v.maxLength(255));
const CountSchema = v.pipe(v.number(), v.integer(), v.minValue(1));

/** How a worker presents itself on the broker. The full description of its model follows on the link. */
const AnnouncementSchema = v.object({
  version: v.literal(LINK_VERSION),
  /** New at every start. */
  id: NameSchema,
  /** Where it runs, for people. */
  host: TextSchema,
  model: v.object({ id: TextSchema, width: CountSchema, height: CountSchema }),
  device: TextSchema,
  dtype: TextSchema,
  /** Rows that run at once. */
  rows: CountSchema,
  /** ms of one row. */
  rowMs: v.pipe(v.number(), v.finite(), v.minValue(0)),
});
const AskedToOpenSchema = v.object({ version: v.literal(LINK_VERSION), link: NameSchema });

export type Announcement = v.InferOutput<typeof AnnouncementSchema>;

/** A worker announces itself this often, in ms; the subjects on which it does, and is asked to do so at once. */
export const ANNOUNCE_EVERY_MS = 1_000;
const ANNOUNCED = 'underpaint.announced';
const ASKED = 'underpaint.asked';

const NOTHING = new Uint8Array(0);

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
    const announcement = parseMessage(AnnouncementSchema, bytes);
    if (announcement) listener(announcement);
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
    const asked = parseMessage(AskedToOpenSchema, bytes);
    if (asked) listener(asked.link);
  });
}

function subjectOf(worker: string): string {
  return `underpaint.worker.${worker}`;
}
