import {
  applyParams,
  CLOSE,
  ParamsError,
  sameParams,
  PROTOCOL_VERSION,
  type ClientMessage,
  type DropReason,
  type FrameMessage,
  type HelloMessage,
  type ImageReason,
  type Limits,
  type ModelSummary,
  type Ranges,
  type ServerMessage,
} from '@underpaint/shared';
import type { FrameSource } from './batcher.js';
import { FrameError } from './errors.js';
import type { Claim, OutgoingImage, ReceivedFrame, WaitingFrame } from './frames.js';
import type { RenderedImage } from './inference/executor.js';
import { Mailbox } from './mailbox.js';
import type { Metrics } from './metrics.js';
import type { SessionMemory, SessionRegistry } from './session-registry.js';

/** What a session sees of its socket. */
export interface Wire {
  send(message: ServerMessage): void;
  /** Images are lossy: one that waits for a slow reader is replaced by the next. */
  sendImage(image: OutgoingImage): void;
  close(code: number, reason: string): void;
}

export interface SessionOptions {
  readonly wire: Wire;
  readonly registry: SessionRegistry<Session>;
  readonly metrics: Metrics;
  readonly model: ModelSummary;
  readonly ranges: Ranges;
  readonly limits: Limits;
  readonly now: () => number;
  /** Says that this session may have a frame to run. */
  readonly offer: (session: Session) => void;
}

interface Live {
  readonly is: 'live';
  readonly memory: SessionMemory;
  readonly mailbox: Mailbox<WaitingFrame>;
  /** The claim that runs now. */
  running: Claim | undefined;
  /** Frame and version that the last image shows, for `unchanged`. */
  shown: { readonly data: Uint8Array; readonly version: number } | undefined;
  waitingSinceMs: number;
  lastClaimMs: number;
}

type State = { readonly is: 'awaiting-hello' } | Live | { readonly is: 'closing' };

/**
 * One client's conversation over one WebSocket, from the first byte to the close.
 *
 * Frames go into a mailbox of one slot. At most one of them runs, and none is claimed while an image of this session
 * still waits for its reader: more could only replace each other.
 */
export class Session implements FrameSource {
  readonly #options: SessionOptions;
  readonly #aborter = new AbortController();
  #state: State = { is: 'awaiting-hello' };
  #windowIsFull = false;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get isLive(): boolean {
    return this.#state.is === 'live';
  }

  // ── receive ───────────────────────────────────────────────────────────────────────────────────────────────────────

  handleMessage(message: ClientMessage): void {
    const state = this.#state;
    switch (state.is) {
      case 'awaiting-hello':
        if (message.type === 'hello') return this.#handleHello(message);
        return this.close(CLOSE.protocolError, `the first message must be hello, not ${message.type}`);
      case 'live':
        return this.#handleLive(state, message);
      case 'closing':
        return;
    }
  }

  #handleHello(hello: HelloMessage): void {
    const { registry, wire, model, ranges, limits } = this.#options;
    const memory = registry.open(this, hello.resume);
    const shown = memory.lastImage && memory.lastFrame?.seq === memory.lastImage.seq;
    const state: Live = {
      is: 'live',
      memory,
      mailbox: new Mailbox(),
      running: undefined,
      shown: undefined,
      waitingSinceMs: 0,
      lastClaimMs: -Infinity,
    };
    this.#state = state;
    wire.send({
      type: 'welcome',
      protocol: PROTOCOL_VERSION,
      session: memory.session,
      resume: memory.resume,
      lastSeq: memory.lastSeq,
      features: [],
      model,
      params: memory.params,
      ranges,
      limits,
    });
    if (memory.lastImage) wire.sendImage({ ...memory.lastImage, receivedMs: this.#options.now(), queueMs: 0 });
    // The frame that was under way when the socket went is rendered now: the newest frame always is.
    if (memory.lastFrame && !shown) this.#put(state, { frame: memory.lastFrame, reason: 'frame' });
  }

  #handleLive(state: Live, message: ClientMessage): void {
    switch (message.type) {
      case 'frame':
        return this.#handleFrame(state, message);
      case 'params':
        return this.#handleParams(state, message.params);
      case 'ack':
        return; // the window is the connection's
      case 'hello':
        return this.close(CLOSE.protocolError, 'hello may be sent only once');
    }
  }

  #handleFrame(state: Live, { seq, data, at }: FrameMessage): void {
    const { memory } = state;
    if (seq <= memory.lastSeq) return this.close(CLOSE.protocolError, `frame seq ${seq} does not rise`);
    memory.lastSeq = seq;
    this.#options.metrics.frames.inc();
    const { maxFrameBytes } = this.#options.limits;
    if (data.length > maxFrameBytes) {
      const message = `the frame has ${data.length} bytes; at most ${maxFrameBytes} are taken`;
      return this.#sendError(seq, new FrameError('image-too-large', message));
    }
    // The bytes are a view of the whole message, which nothing else refers to.
    const frame: ReceivedFrame = { seq, at, data, receivedMs: this.#options.now() };
    memory.lastFrame = frame;
    this.#put(state, { frame, reason: 'frame' });
  }

  #handleParams(state: Live, patch: unknown): void {
    const { memory } = state;
    const before = memory.params;
    try {
      memory.params = applyParams(before, patch, this.#options.ranges);
    } catch (error) {
      if (!(error instanceof ParamsError)) throw error;
      return this.#sendError(undefined, new FrameError('bad-params', error.message));
    }
    const changed = !sameParams(before, memory.params);
    if (changed) memory.version += 1;
    this.#options.wire.send({ type: 'params', version: memory.version, params: memory.params });
    // A frame that waits will be taken with the new parameters; otherwise the last one is rendered again.
    const waits = state.mailbox.peek() !== undefined;
    if (changed && memory.lastFrame && !waits) this.#put(state, { frame: memory.lastFrame, reason: 'params' });
  }

  #put(state: Live, waiting: WaitingFrame): void {
    const replaced = state.mailbox.put(waiting);
    if (replaced) this.#drop(replaced, 'replaced');
    else state.waitingSinceMs = this.#options.now();
    this.#options.offer(this);
  }

  // ── generate ──────────────────────────────────────────────────────────────────────────────────────────────────────

  readyAt(): number | null {
    const state = this.#state;
    if (state.is !== 'live' || state.running || this.#windowIsFull || !state.mailbox.peek()) return null;
    return state.lastClaimMs + 1_000 / this.#options.limits.maxFramesPerSecond;
  }

  waitingSince(): number {
    return this.#state.is === 'live' ? this.#state.waitingSinceMs : Infinity;
  }

  /** Claims the waiting frame; `undefined` when there is nothing to run after all. */
  take(): Claim | undefined {
    const state = this.#state;
    if (state.is !== 'live') return undefined;
    const waiting = state.mailbox.take();
    if (!waiting) return undefined;
    const { params, version } = state.memory;
    const { data, receivedMs } = waiting.frame;
    if (isUnchanged(state, data)) {
      this.#drop(waiting, 'unchanged');
      return undefined;
    }
    const now = this.#options.now();
    this.#options.metrics.claimed.inc();
    const { prompt, negativePrompt, strength, steps, guidance, seed, quality } = params;
    state.lastClaimMs = now;
    state.running = {
      ...waiting,
      request: { data, prompt, negativePrompt, strength, steps, guidance, seed, quality },
      version,
      queueMs: now - (waiting.reason === 'frame' ? receivedMs : state.waitingSinceMs),
      signal: this.#aborter.signal,
    };
    return state.running;
  }

  /** Takes the image of a claim. */
  deliver(claim: Claim, rendered: RenderedImage): void {
    const state = this.#endRun(claim);
    if (!state) return;
    const { frame, reason, version, queueMs } = claim;
    const receivedMs = reason === 'frame' ? frame.receivedMs : state.lastClaimMs - queueMs;
    const image: OutgoingImage = { seq: frame.seq, at: frame.at, reason, version, receivedMs, queueMs, rendered };
    state.shown = { data: frame.data, version };
    state.memory.lastImage = image;
    this.#options.wire.sendImage(image);
    this.#options.offer(this);
  }

  /** Takes the failure of a claim. */
  fail(claim: Claim, error: FrameError): void {
    const state = this.#endRun(claim);
    if (!state) return;
    // A picture that cannot be read will not become readable with other parameters.
    if (!error.retryable && state.memory.lastFrame === claim.frame) state.memory.lastFrame = undefined;
    this.#sendError(claim.reason === 'frame' ? claim.frame.seq : undefined, error);
    this.#options.offer(this);
  }

  /** The worker died: what waits is failed too, and the client decides what to send again. */
  failWaiting(error: FrameError): void {
    const waiting = this.#state.is === 'live' ? this.#state.mailbox.take() : undefined;
    if (waiting) this.#sendError(waiting.reason === 'frame' ? waiting.frame.seq : undefined, error);
  }

  /** The connection says whether an image still waits for its reader. */
  setWindowFull(isFull: boolean): void {
    this.#windowIsFull = isFull;
    if (!isFull) this.#options.offer(this);
  }

  /** An image was replaced before it went out: if it was to be the end of its frame, the frame ends as dropped. */
  handleReplacedImage(replaced: OutgoingImage, by: OutgoingImage): void {
    if (replaced.seq !== by.seq) this.#drop({ frame: replaced, reason: replaced.reason }, 'replaced');
  }

  // ── end ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Ends the conversation from this side. */
  close(code: number, reason: string): void {
    if (this.#state.is === 'closing') return;
    this.#leave();
    this.#options.wire.close(code, reason);
  }

  /** Ends a conversation whose place is taken, or that must move: told first, then closed. */
  bye(code: number, reconnectAfterMs?: number): void {
    if (this.#state.is === 'closing') return;
    this.#options.wire.send({ type: 'bye', code, ...(reconnectAfterMs !== undefined && { reconnectAfterMs }) });
    this.close(code, 'bye');
  }

  /** The socket is gone. */
  handleClosed(): void {
    this.#leave();
  }

  #leave(): void {
    if (this.#state.is === 'live') this.#options.registry.park(this, this.#state.memory);
    this.#state = { is: 'closing' };
    this.#aborter.abort(new Error('the session ended'));
  }

  #endRun(claim: Claim): Live | undefined {
    const state = this.#state;
    if (state.is !== 'live' || state.running !== claim) return undefined;
    state.running = undefined;
    return state;
  }

  #drop(
    { frame, reason }: { readonly frame: { readonly seq: number }; readonly reason: ImageReason },
    why: DropReason,
  ): void {
    // A frame rendered again has had its end already.
    if (reason !== 'frame') return;
    this.#options.metrics.dropped.inc({ reason: why });
    this.#options.wire.send({ type: 'dropped', seq: frame.seq, reason: why });
  }

  #sendError(seq: number | undefined, { code, message, retryable }: FrameError): void {
    this.#options.metrics.errors.inc({ code });
    this.#options.wire.send({ type: 'error', code, message, retryable, ...(seq !== undefined && { seq }) });
  }
}

/** Same bytes and same parameters as the image that is shown. */
function isUnchanged({ shown, memory }: Live, data: Uint8Array): boolean {
  return shown !== undefined && shown.version === memory.version && Buffer.compare(shown.data, data) === 0;
}
