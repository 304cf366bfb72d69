import type { ParcelKind } from './parcels.js';

/** Part of a message on its way out. */
export interface OutgoingParcel {
  readonly kind: Extract<ParcelKind, 'part' | 'last'>;
  readonly number: number;
  readonly content: Uint8Array;
}

/**
 * Bytes that may be under way, so that a reader that stops holds up this link only: a broker keeps its messages in memory and
 * cuts its connection when they are too many.
 */
const WINDOW_BYTES = 4 * 1_024 * 1_024;

/** The messages of one end of a link until the other end has received them. */
export class Outgoing {
  readonly #maxContent: number;
  #waiting: OutgoingParcel[] = [];
  #underWay: OutgoingParcel[] = [];
  #bytesUnderWay = 0;
  #lastNumber = 0;
  #sent = 0;
  #queued = 0;

  /** @param maxContent bytes of one parcel at most */
  constructor(maxContent: number) {
    this.#maxContent = maxContent;
  }

  /** Messages that the other end has not received. */
  get queued(): number {
    return this.#queued;
  }

  /** Number of the last parcel that was sent. */
  get sent(): number {
    return this.#sent;
  }

  add(message: Uint8Array): void {
    this.#queued += 1;
    for (let at = 0; at < message.length; at += this.#maxContent) {
      const kind = at + this.#maxContent < message.length ? 'part' : 'last';
      this.#waiting.push({ kind, number: ++this.#lastNumber, content: message.subarray(at, at + this.#maxContent) });
    }
  }

  /** Takes the next parcel if it may be sent now. */
  next(): OutgoingParcel | undefined {
    const parcel = this.#waiting[0];
    if (!parcel || (this.#underWay.length > 0 && this.#bytesUnderWay + parcel.content.length > WINDOW_BYTES))
      return undefined;
    this.#waiting.shift();
    this.#underWay.push(parcel);
    this.#bytesUnderWay += parcel.content.length;
    this.#sent = parcel.number;
    return parcel;
  }

  /** The other end has received this parcel and all before it. */
  acknowledge(number: number): void {
    for (let first = this.#underWay[0]; first && first.number <= number; first = this.#underWay[0]) {
      this.#underWay.shift();
      this.#bytesUnderWay -= first.content.length;
      if (first.kind === 'last') this.#queued -= 1;
    }
  }

  clear(): void {
    this.#waiting = [];
    this.#underWay = [];
    this.#bytesUnderWay = 0;
    this.#queued = 0;
  }
}
