import {
  CLOSE,
  encodeMessage,
  type DropReason,
  type ImageReason,
  type ServerMessage,
  type Timing,
} from '@underpaint/shared';
import { inWords, type Excess } from '../access/usage.js';
import type { OutgoingImage } from '../canvas/frames.js';
import type { FrameError } from '../errors.js';
import type { Guard } from '../guard.js';
import type { Metrics } from '../metrics.js';
import type { Peer } from '../transport/peer.js';
import { imageMessage, timingOf } from './image-message.js';
import { SendWindow } from './send-window.js';
import { encodeSharedMessage } from './shared-bytes.js';

export interface ChannelOptions {
  readonly peer: Peer;
  /** Bytes that may wait in the peer, beside images and bulk, before its reader counts as gone. */
  readonly maxBufferedBytes: number;
  /** Told of every message to the peer. */
  readonly onSent?: (bytes: number) => void;
  /** Receives the times of every image as it goes out. */
  readonly onImage: (timing: Timing, reason: ImageReason) => void;
  readonly metrics: Metrics;
  readonly guard: Guard;
  readonly now: () => number;
}

/** What a channel tells its session. */
export interface ChannelListener {
  /** The reader can take an image again. */
  handleOpen(): void;
  /** The channel is closed, by either side. Told once. */
  handleEnd(): void;
}

/** An image as one reader gets it. */
interface ReaderImage {
  readonly image: OutgoingImage;
  readonly othersSeq: number | undefined;
}

/** Time a peer has to answer a close before its connection is cut. */
const CLOSE_TIMEOUT_MS = 2_000;

/**
 * The way out, from a session and its participant to a peer. It carries three kinds of message: control is always sent,
 * bulk waits until the peer has taken the last one, and images are lossy: beyond a window of unacknowledged ones the
 * newest waits and replaces an older one. A throw in sending ends this channel, not its sender.
 */
export class Channel {
  readonly #options: ChannelOptions;
  readonly #peer: Peer;
  readonly #window = new SendWindow<ReaderImage>();
  #listener: ChannelListener | undefined;
  #nextImageId = 1;
  /** Bulk that the peer has not sent yet. */
  #bulkBytes = 0;
  #isClosed = false;
  /** How this side closed it. */
  #closed: { readonly code: number; readonly reason: string } | undefined;
  #closeTimer: NodeJS.Timeout | undefined;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.#peer = options.peer;
  }

  listen(listener: ChannelListener): void {
    this.#listener = listener;
  }

  /** Whether an image waits for its reader; another one could only replace it. */
  get isFull(): boolean {
    return this.#window.isHolding;
  }

  /** Whether nothing is sent or received any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** How the server closed it; undefined if it did not. */
  get closed(): { readonly code: number; readonly reason: string } | undefined {
    return this.#closed;
  }

  // ── send ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  send(message: ServerMessage): void {
    this.#run('send', () => this.#send(message));
  }

  #send(message: ServerMessage): void {
    if (this.#isClosed) return;
    const expectedBytes = this.#window.unacknowledgedBytes + this.#bulkBytes;
    if (this.#peer.waitingBytes > expectedBytes + this.#options.maxBufferedBytes) {
      return this.close(CLOSE.tooSlow, 'the reader does not keep up');
    }
    this.#transfer(encodeMessage(message));
  }

  /** Sends a message that is large, or one of many; `onFlushed` is called when the peer has sent it. */
  sendBulk(message: ServerMessage, onFlushed: () => void): void {
    this.#run('send', () => this.#sendBulk(message, onFlushed));
  }

  #sendBulk(message: ServerMessage, onFlushed: () => void): void {
    if (this.#isClosed) return;
    const bytes = encodeSharedMessage(message);
    this.#bulkBytes += bytes.length;
    this.#transfer(bytes, () => {
      this.#bulkBytes -= bytes.length;
      this.#run('flush', onFlushed);
    });
  }

  #transfer(bytes: Uint8Array, onSent?: () => void): void {
    this.#options.onSent?.(bytes.length);
    this.#peer.send(bytes, onSent);
  }

  /** @param seq the frame that will have no image */
  tellDropped(seq: number, reason: DropReason): void {
    this.#options.metrics.dropped.inc({ reason });
    this.send({ type: 'dropped', seq, reason });
  }

  /** @param seq the frame that failed, if it was one */
  tellFailed(seq: number | undefined, { code, message, retryable }: FrameError): void {
    this.#options.metrics.errors.inc({ code });
    this.send({ type: 'error', code, message, retryable, ...(seq !== undefined && { seq }) });
  }

  // ── images ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Sends an image, or keeps it until the reader can take it; a preview that would have to wait is left out.
   *
   * @param othersSeq for an image of somebody else's frame: the `seq` of the reader's own last image, which it repeats
   */
  sendImage(image: OutgoingImage, othersSeq?: number): void {
    this.#run('send', () => this.#sendImage({ image, othersSeq }));
  }

  #sendImage(mine: ReaderImage): void {
    if (this.#window.isOpen && !this.#window.isHolding) return this.#transmit(mine);
    if (!mine.image.final) return;
    const replaced = this.#window.hold(mine);
    if (replaced) this.#tellReplaced(replaced, mine);
  }

  /** If the replaced image was the end of a frame of this reader, that frame is dropped. */
  #tellReplaced({ image, othersSeq }: ReaderImage, by: ReaderImage): void {
    const { frame, reason } = image.asked;
    const endsFrame = image.final && reason === 'frame' && othersSeq === undefined;
    if (endsFrame && frame.number !== by.image.asked.frame.number) this.tellDropped(frame.seq, 'replaced');
  }

  /** The reader has received the image `id` and all before it. */
  acknowledge(id: number): void {
    if (id >= this.#nextImageId) return this.close(CLOSE.protocolError, `ack of image ${id}, which was not sent`);
    const wasFull = this.isFull;
    this.#window.acknowledge(id, this.#options.now());
    const held = this.#window.release();
    if (held) this.#run('send', () => this.#transmit(held));
    if (wasFull && !this.isFull) this.#listener?.handleOpen();
  }

  #transmit({ image, othersSeq }: ReaderImage): void {
    const id = this.#nextImageId++;
    const nowMs = this.#options.now();
    const timing = timingOf(image, nowMs);
    this.#options.onImage(timing, image.asked.reason);
    this.#window.sent(id, image.rendered.data.length, nowMs);
    this.#send(imageMessage(image, { id, othersSeq, timing }));
  }

  // ── end ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Asks the client to reconnect later, then closes. */
  bye(code: number, reconnectAfterMs?: number, reason = 'bye'): void {
    if (this.#isClosed) return;
    // The image that waits may be the end of a frame.
    const held = this.#window.takeHeld();
    if (held) this.#run('send', () => this.#transmit(held));
    this.send({ type: 'bye', code, ...(reconnectAfterMs !== undefined && { reconnectAfterMs }) });
    this.close(code, reason);
  }

  /** A limit was reached: the client may come back when there is room again. */
  refuse(excess: Excess): void {
    this.#options.metrics.refusals.inc({ what: excess.of, reason: excess.what });
    this.bye(CLOSE.tryAgainLater, excess.retryAfterMs, inWords(excess));
  }

  close(code: number, reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#closed = { code, reason };
    this.#closeTimer = setTimeout(() => this.#run('close', () => this.#peer.terminate()), CLOSE_TIMEOUT_MS);
    this.#options.metrics.closes.inc({ code: String(code) });
    try {
      this.#listener?.handleEnd();
    } finally {
      this.#peer.close(code, reason);
    }
  }

  /** The peer is gone. */
  handleClosed(): void {
    clearTimeout(this.#closeTimer);
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener?.handleEnd();
  }

  #run(where: string, work: () => void): void {
    this.#options.guard(where, work, () => this.close(CLOSE.internal, 'internal error'));
  }
}
