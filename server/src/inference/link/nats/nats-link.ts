import { pack, unpack } from '@underpaint/shared';
import type { Broker, BrokerMessage } from '../../../broker/broker.js';
import { Inbox } from '../inbox.js';
import { MAX_QUEUED, NOT_READING, type Link, type LinkEnd } from '../link.js';
import { Incoming } from './incoming.js';
import { Outgoing } from './outgoing.js';
import { decodeParcel, encodeParcel, type Parcel } from './parcels.js';

export interface NatsLinkOptions {
  readonly broker: Broker;
  /** Names the link; both ends have the same. */
  readonly id: string;
  /** A gateway sends when it has heard of the worker, and ends the link at once; a worker sends its queue first. */
  readonly end: 'gateway' | 'worker';
  readonly maxQueued?: number;
}

const BEAT_MS = 500;
/** Beats are counted rather than timed, because while this process hangs it hears nothing. */
const SILENT_BEATS = 5;
/** Received parcels are acknowledged with the next message, but no later than this. */
const ACKNOWLEDGE_WITHIN_MS = 20;
const ACKNOWLEDGE_BYTES = 1_024 * 1_024;
const MOST_CONTENT = 512 * 1_024;
/** A parcel stays this far below the broker's limit. */
const MARGIN_BYTES = 1_024;

const CLOSED = 'it closed the link';

/** The subject on which an end of a link receives. A gateway asks a worker to open a link with this as the reply. */
export function subjectOf(id: string, end: NatsLinkOptions['end']): string {
  return `underpaint.link.${id}.${end}`;
}

/**
 * One end of a link over a broker. Parcels are numbered: a gap, after the broker lost some, ends the link. So does silence, or
 * the broker's word that nobody listens at the other end, which comes within a beat after its process has died.
 */
export class NatsLink<Out, In> implements Link<Out, In> {
  readonly pid = undefined;
  readonly #options: NatsLinkOptions;
  readonly #inbox = new Inbox<In>();
  readonly #outgoing: Outgoing;
  readonly #incoming = new Incoming();
  readonly #unsubscribe: () => void;
  readonly #beatTimer: NodeJS.Timeout;
  #acknowledgeTimer: NodeJS.Timeout | undefined;
  #bytesToAcknowledge = 0;
  #isOpen: boolean;
  #isClosing = false;
  #isOver = false;
  #silentBeats = 0;

  constructor(options: NatsLinkOptions) {
    const { broker, id, end } = options;
    this.#options = options;
    this.#outgoing = new Outgoing(Math.min(MOST_CONTENT, broker.maxPayload - MARGIN_BYTES));
    this.#isOpen = end === 'worker';
    this.#unsubscribe = broker.subscribe(subjectOf(id, end), (message) => this.#brokerOnMessage(message));
    this.#beatTimer = setInterval(() => this.#beat(), BEAT_MS);
    if (this.#isOpen) this.#publish('beat');
  }

  get queued(): number {
    return this.#outgoing.queued;
  }

  send(message: Out): void {
    if (this.#isOver || this.#isClosing) return;
    this.#outgoing.add(pack(message));
    if (this.queued > (this.#options.maxQueued ?? MAX_QUEUED)) return this.#end(NOT_READING);
    this.#flush();
  }

  onMessage(listener: (message: In) => void): void {
    this.#inbox.onMessage(listener);
  }

  onEnd(listener: (end: LinkEnd) => void): void {
    this.#inbox.onEnd(listener);
  }

  close(): void {
    if (this.#isOver || this.#isClosing) return;
    this.#inbox.close();
    this.#isClosing = true;
    if (this.#options.end === 'gateway') this.#outgoing.clear();
    this.#endIfEmpty();
  }

  // ── send ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  #flush(): void {
    if (!this.#isOpen) return;
    for (let parcel = this.#outgoing.next(); parcel; parcel = this.#outgoing.next()) {
      this.#publish(parcel.kind, parcel.content, parcel.number);
    }
  }

  /** Everything that is sent acknowledges what was received. */
  #publish(kind: Parcel['kind'], content?: Uint8Array, number = this.#outgoing.sent): void {
    const { broker, id, end } = this.#options;
    clearTimeout(this.#acknowledgeTimer);
    this.#acknowledgeTimer = undefined;
    this.#bytesToAcknowledge = 0;
    const parcel = encodeParcel({ kind, number, received: this.#incoming.received, ...(content && { content }) });
    broker.publish(subjectOf(id, end === 'gateway' ? 'worker' : 'gateway'), parcel, subjectOf(id, end));
  }

  #beat(): void {
    if (this.#silentBeats++ >= SILENT_BEATS) return this.#end(`it sent nothing for ${SILENT_BEATS * BEAT_MS} ms`);
    if (this.#isOpen) this.#publish('beat');
  }

  // ── receive ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #brokerOnMessage({ bytes, isUndelivered }: BrokerMessage): void {
    if (this.#isOver) return;
    if (isUndelivered) return this.#end('its process is gone');
    const parcel = decodeParcel(bytes);
    if (!parcel) return;
    this.#silentBeats = 0;
    this.#isOpen = true;
    this.#outgoing.acknowledge(parcel.received);
    if (parcel.kind === 'end') return this.#end(CLOSED, { isTold: true });
    if (parcel.kind !== 'beat') this.#take({ ...parcel, kind: parcel.kind });
    else if (parcel.number !== this.#incoming.received) return this.#end('messages were lost');
    if (this.#isOver) return;
    this.#flush();
    this.#endIfEmpty();
  }

  #take(parcel: Parcel & { readonly kind: 'part' | 'last' }): void {
    const message = this.#incoming.take(parcel);
    if (message === 'lost') return this.#end('messages were lost');
    this.#acknowledgeSoon(parcel.content.length);
    if (message) this.#deliver(message);
  }

  /** A message that makes no sense ends this link, and no other. */
  #deliver(bytes: Uint8Array): void {
    try {
      this.#inbox.put(unpack(bytes) as In);
    } catch (error) {
      this.#end('a message cannot be used');
      throw error;
    }
  }

  #acknowledgeSoon(bytes: number): void {
    this.#bytesToAcknowledge += bytes;
    if (this.#bytesToAcknowledge >= ACKNOWLEDGE_BYTES) this.#publish('beat');
    else this.#acknowledgeTimer ??= setTimeout(() => this.#publish('beat'), ACKNOWLEDGE_WITHIN_MS);
  }

  // ── end ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  #endIfEmpty(): void {
    if (!this.#isClosing || this.queued > 0) return;
    // Later, so that the end is not reported in the middle of a close.
    queueMicrotask(() => this.#end('closed'));
  }

  #end(how: string, { isTold = false } = {}): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#beatTimer);
    this.#outgoing.clear();
    if (!isTold) this.#publish('end');
    clearTimeout(this.#acknowledgeTimer);
    this.#unsubscribe();
    this.#inbox.end({ how, output: '' });
  }
}
