import type { OutgoingParcel } from './outgoing.js';

/** Puts messages together again. */
export class Incoming {
  #parts: Uint8Array[] = [];
  #received = 0;

  /** Number of the last parcel. */
  get received(): number {
    return this.#received;
  }

  /**
   * Takes a parcel and copies its content.
   *
   * @returns the message that is complete now, `lost` if a parcel before this one is missing, or undefined
   */
  take({ kind, number, content }: OutgoingParcel): Uint8Array | 'lost' | undefined {
    if (number !== this.#received + 1) return 'lost';
    this.#received = number;
    // Not slice(): the client delivers Buffers, whose slices share their memory.
    this.#parts.push(new Uint8Array(content));
    if (kind === 'part') return undefined;
    const parts = this.#parts;
    this.#parts = [];
    return parts.length === 1 ? parts[0]! : joined(parts);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const message = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    message.set(part, at);
    at += part.length;
  }
  return message;
}
