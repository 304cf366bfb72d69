import { decodeServerMessage, encodeMessage, type ClientMessage, type ServerMessage } from '@underpaint/shared';
import type { Peer, PeerListener } from '../../server/src/transport/peer.js';

const MAX_REASON_CHARACTERS = 60;

/** A peer without a network: a test is the other side, and may set what is known of the bytes. */
export class MemoryPeer implements Peer {
  readonly address = '127.0.0.1';
  receivedBytes = 0;
  partialBytes = 0;
  sentBytes = 0;
  waitingBytes = 0;
  /** Everything that the other side received. */
  readonly received: Uint8Array[] = [];
  /** How this side closed. */
  closed: { readonly code: number; readonly reason: string } | undefined;
  terminated = false;
  pings = 0;
  /** Whether the other side answers pings and closes by itself, as a real one does; otherwise a test does it. */
  answers: boolean;
  #listener: PeerListener | undefined;
  #isEnded = false;
  readonly #decoded: ServerMessage[] = [];

  constructor({ answers = false } = {}) {
    this.answers = answers;
  }

  // ── as the peer ───────────────────────────────────────────────────────────────────────────────────────────────────

  listen(listener: PeerListener): void {
    this.#listener = listener;
  }

  send(bytes: Uint8Array, onSent?: () => void): void {
    if (onSent) queueMicrotask(onSent);
    if (this.#isEnded || this.closed) return;
    this.received.push(bytes);
    this.sentBytes += bytes.length;
  }

  ping(): void {
    if (this.#isEnded) return;
    this.pings += 1;
    if (this.answers) queueMicrotask(() => this.pong());
  }

  close(code: number, reason: string): void {
    this.closed ??= { code, reason: reason.slice(0, MAX_REASON_CHARACTERS) };
    if (this.answers) queueMicrotask(() => this.end());
  }

  terminate(): void {
    this.terminated = true;
    queueMicrotask(() => this.end());
  }

  // ── as the other side ─────────────────────────────────────────────────────────────────────────────────────────────

  /** Sends a message. */
  say(message: ClientMessage): void {
    this.sayBytes(encodeMessage(message));
  }

  sayBytes(bytes: Uint8Array, isBinary = true): void {
    this.receivedBytes += bytes.length;
    this.partialBytes = 0;
    if (!this.closed && !this.#isEnded) this.#listener?.handleMessage(bytes, isBinary);
  }

  /** Sends a part of a message. */
  sayPart(bytes: number): void {
    this.receivedBytes += bytes;
    this.partialBytes += bytes;
  }

  /** Answers a ping. */
  pong(): void {
    this.receivedBytes += 6;
  }

  /** Disconnects, or answers a close. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#listener?.handleClose();
  }

  /** The messages that it received. */
  get sent(): readonly ServerMessage[] {
    for (const bytes of this.received.slice(this.#decoded.length)) this.#decoded.push(decodeServerMessage(bytes)!);
    return this.#decoded;
  }

  get images() {
    return this.sent.filter((message) => message.type === 'image');
  }
}
