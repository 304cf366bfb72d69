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
  type Params,
  type Ranges,
  type ServerMessage,
} from '@underpaint/shared';
import type { AdaptiveSteps } from './adaptive-steps.js';
import type { Admission, Candidate } from './admission.js';
import type { FrameSource } from './batcher.js';
import { FrameError } from './errors.js';
import type { Claim, OutgoingImage, ReceivedFrame, WaitingFrame } from './frames.js';
import type { RenderedImage } from './inference/executor.js';
import { Mailbox } from './mailbox.js';
import type { Metrics } from './metrics.js';
import type { SessionRegistry } from './session-registry.js';
import { claimOf, isUnchanged, type Live, type SessionState } from './session-state.js';

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
  readonly admission: Admission<Session>;
  readonly adaptiveSteps: AdaptiveSteps;
  readonly metrics: Metrics;
  readonly model: ModelSummary;
  /** Device time in ms of an image with such parameters. */
  readonly cost: (params: Pick<Params, 'steps' | 'guidance'>) => number;
  /** What this server offers beyond the first version of the protocol. */
  readonly features: readonly string[];
  readonly ranges: Ranges;
  readonly limits: Limits;
  /** A session that was asked nothing for so long is quiet: its last frame is refined. */
  readonly quietMs: number;
  /** Steps of a refined frame; 0 refines none. */
  readonly refineSteps: number;
  readonly now: () => number;
  /** Says that this session may have a frame to run. */
  readonly offer: (session: Session) => void;
}

/** Time after which a client that was asked to make room for others may try again. */
const RETURN_AFTER_MS = 30_000;
/** The same for one that found even the line full. */
const RETRY_AFTER_MS = 5_000;

/**
 * One client's conversation over one WebSocket, from the first byte to the close.
 *
 * Frames go into a mailbox of one slot. At most one of them runs, and none is claimed while an image of this session
 * still waits for its reader: more could only replace each other. When the client has been quiet for a while its last
 * frame is rendered again with more steps, in the background.
 */
export class Session implements FrameSource, Candidate {
  readonly weight = 1;
  readonly #options: SessionOptions;
  #state: SessionState = { is: 'awaiting-hello' };
  #windowIsFull = false;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Whether the client has said hello. */
  get isKnown(): boolean {
    return this.#state.is === 'waiting' || this.#state.is === 'live';
  }

  // ── receive ───────────────────────────────────────────────────────────────────────────────────────────────────────

  handleMessage(message: ClientMessage): void {
    const state = this.#state;
    switch (state.is) {
      case 'awaiting-hello':
        if (message.type === 'hello') return this.#handleHello(message);
        return this.close(CLOSE.protocolError, `the first message must be hello, not ${message.type}`);
      case 'waiting':
        // Nothing is lost: a client sends its parameters and its drawing when it is welcomed.
        if (message.type !== 'hello') return;
        return this.close(CLOSE.protocolError, 'hello may be sent only once');
      case 'live':
        return this.#handleLive(state, message);
      case 'closing':
        return;
    }
  }

  #handleHello(hello: HelloMessage): void {
    const { registry, admission } = this.#options;
    this.#state = { is: 'waiting', hello };
    if (!admission.enter(this, registry.takeOver(hello.resume))) this.bye(CLOSE.tryAgainLater, RETRY_AFTER_MS);
  }

  // ── admission ─────────────────────────────────────────────────────────────────────────────────────────────────────

  frameMs(): number {
    const { cost, registry } = this.#options;
    return cost(this.#state.is === 'live' ? this.#state.memory.params : registry.initialParams);
  }

  lastFrameMs(): number {
    return this.#state.is === 'live' ? this.#state.lastFrameMs : this.#options.now();
  }

  tellPosition(position: number): void {
    this.#options.wire.send({ type: 'waiting', position });
  }

  makeRoom(): void {
    this.bye(CLOSE.tryAgainLater, RETURN_AFTER_MS);
  }

  admit(): void {
    if (this.#state.is !== 'waiting') return;
    const { registry, wire, model, features, ranges, limits, now } = this.#options;
    const memory = registry.open(this, this.#state.hello.resume);
    const shown = memory.lastImage && memory.lastFrame?.seq === memory.lastImage.seq;
    const state: Live = {
      is: 'live',
      memory,
      mailbox: new Mailbox(),
      running: undefined,
      shown: undefined,
      waitingSinceMs: 0,
      lastClaimMs: -Infinity,
      lastFrameMs: now(),
      lastAskedMs: now(),
    };
    this.#state = state;
    wire.send({
      type: 'welcome',
      protocol: PROTOCOL_VERSION,
      session: memory.session,
      resume: memory.resume,
      lastSeq: memory.lastSeq,
      features,
      model,
      params: memory.params,
      ranges,
      limits,
    });
    // Where a preview of a newer frame or of newer parameters was seen, the older image would be a step back.
    const { lastImage, newest } = memory;
    const isNewest = lastImage && lastImage.seq >= newest.seq && lastImage.version >= newest.version;
    if (isNewest) wire.sendImage({ ...lastImage, receivedMs: now(), queueMs: 0 });
    // What was under way when the socket went is rendered now: the newest frame always is, with the newest parameters.
    const isCurrent = lastImage?.version === memory.version;
    if (memory.lastFrame && !(shown && isCurrent)) {
      // A frame has one end: one that was shown, dropped or failed has had it.
      const ended = memory.endedSeq === memory.lastFrame.seq;
      this.#put(state, { frame: memory.lastFrame, reason: ended ? 'params' : 'frame' });
    }
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
    state.lastFrameMs = frame.receivedMs;
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
    state.lastAskedMs = this.#options.now();
    const replaced = state.mailbox.put(waiting);
    if (replaced) this.#drop(replaced, 'replaced');
    else state.waitingSinceMs = state.lastAskedMs;
    if (state.running?.reason === 'refine') this.#cutShort(state, state.running);
    this.#options.offer(this);
  }

  /** A refinement stands back at once: what was asked for goes first. */
  #cutShort(state: Live, refinement: Claim): void {
    state.running = undefined;
    refinement.cancel();
  }

  // ── generate ──────────────────────────────────────────────────────────────────────────────────────────────────────

  readyAt(): number | null {
    const state = this.#state;
    if (state.is !== 'live' || state.running || this.#windowIsFull) return null;
    if (state.mailbox.peek()) return state.lastClaimMs + 1_000 / this.#options.limits.maxFramesPerSecond;
    return this.#canRefine(state) ? state.lastAskedMs + this.#options.quietMs : null;
  }

  waitingSince(): number {
    return this.#state.is === 'live' ? this.#state.waitingSinceMs : Infinity;
  }

  isBackground(): boolean {
    return this.#state.is !== 'live' || this.#state.mailbox.peek() === undefined;
  }

  /** Claims the frame that is due; `undefined` when there is nothing to run after all. */
  take(): Claim | undefined {
    const state = this.#state;
    if (state.is !== 'live') return undefined;
    const waiting = state.mailbox.take();
    if (!waiting) return this.#canRefine(state) ? this.#claimRefinement(state) : undefined;
    if (isUnchanged(state, waiting.frame)) {
      this.#drop(waiting, 'unchanged');
      state.shown = { ...state.shown!, frame: waiting.frame };
      this.#options.offer(this);
      return undefined;
    }
    const now = this.#options.now();
    const { params } = state.memory;
    const steps = this.#options.adaptiveSteps.stepsOf(params);
    const shown = state.shown?.version === state.memory.version ? state.shown.fingerprint : undefined;
    // Only a camera's frames are told apart by more than their bytes, and only against an image that is still right.
    const { preview, similarity } = params;
    state.lastClaimMs = now;
    const queueMs = now - (waiting.reason === 'frame' ? waiting.frame.receivedMs : state.waitingSinceMs);
    this.#options.metrics.claimed.inc();
    return (state.running = claimOf(state.memory, waiting, {
      queueMs,
      steps,
      preview,
      similarity,
      shown,
      background: false,
    }));
  }

  #claimRefinement(state: Live): Claim {
    const { steps } = state.memory.params;
    const finer = Math.max(steps, this.#options.refineSteps);
    const options = { queueMs: 0, steps: finer, preview: false, similarity: 1, shown: undefined, background: true };
    return (state.running = claimOf(state.memory, { frame: state.shown!.frame, reason: 'refine' }, options));
  }

  #canRefine({ memory, shown }: Live): boolean {
    if (!shown || shown.isFinest || this.#options.refineSteps === 0) return false;
    return shown.frame === memory.lastFrame && shown.version === memory.version;
  }

  /** Takes the early picture of a claim, for who reads fast enough to see it. */
  deliverPreview(claim: Claim, rendered: RenderedImage): void {
    const state = this.#state;
    if (state.is !== 'live' || state.running !== claim || this.#windowIsFull) return;
    state.memory.newest = { seq: claim.frame.seq, version: claim.version };
    this.#options.wire.sendImage(this.#imageOf(state, claim, { rendered, final: false }));
  }

  /** Takes the image of a claim. */
  deliver(claim: Claim, rendered: RenderedImage): void {
    const state = this.#endRun(claim);
    if (!state) return;
    const image = this.#imageOf(state, claim, { rendered, final: true });
    const { frame, version, reason } = claim;
    const isFinest = reason === 'refine' || rendered.steps >= this.#options.refineSteps;
    const fingerprint = rendered.fingerprint ?? (reason === 'refine' ? state.shown?.fingerprint : undefined);
    state.shown = { frame, version, fingerprint, isFinest };
    state.memory.lastImage = image;
    state.memory.newest = { seq: frame.seq, version };
    if (reason === 'frame') this.#end(frame.seq);
    this.#options.wire.sendImage(image);
    this.#options.offer(this);
  }

  #imageOf(state: Live, claim: Claim, image: Pick<OutgoingImage, 'rendered' | 'final'>): OutgoingImage {
    const { frame, reason, version, queueMs } = claim;
    const { seq, at } = frame;
    const receivedMs = reason === 'frame' ? frame.receivedMs : state.lastClaimMs - queueMs;
    return { seq, at, reason, version, receivedMs, queueMs, rendered: image.rendered, final: image.final };
  }

  /** Takes the word that there will be no image: the frame is like the one shown, or a refinement gave way. */
  deliverNone(claim: Claim, why: 'unchanged' | 'gave-way' | 'cancelled'): void {
    const state = this.#endRun(claim);
    if (!state) return;
    if (why === 'unchanged') {
      this.#drop(claim, 'unchanged');
      // The image that stands shows this frame too.
      state.shown = { ...state.shown!, frame: claim.frame };
    } else state.lastAskedMs = this.#options.now();
    this.#options.offer(this);
  }

  /** Takes the failure of a claim. */
  fail(claim: Claim, error: FrameError): void {
    const state = this.#endRun(claim);
    if (!state) return;
    // Nobody asked for a refinement, so nobody is told; it is not tried again.
    if (claim.reason === 'refine') state.shown = { ...state.shown!, isFinest: true };
    else {
      // A picture that cannot be read will not become readable with other parameters.
      if (!error.retryable && state.memory.lastFrame === claim.frame) state.memory.lastFrame = undefined;
      this.#tellFailure(claim, error);
    }
    this.#options.offer(this);
  }

  /** The worker died: what waits is failed too, and the client decides what to send again. */
  failWaiting(error: FrameError): void {
    const waiting = this.#state.is === 'live' ? this.#state.mailbox.take() : undefined;
    if (waiting) this.#tellFailure(waiting, error);
  }

  /** The connection says whether an image still waits for its reader. */
  setWindowFull(isFull: boolean): void {
    if (isFull === this.#windowIsFull) return;
    this.#windowIsFull = isFull;
    if (!isFull) this.#options.offer(this);
  }

  /** An image was replaced before it went out: if it was to be the end of its frame, the frame ends as dropped. */
  handleReplacedImage(replaced: OutgoingImage, by: OutgoingImage): void {
    if (replaced.seq !== by.seq && replaced.final) {
      this.#drop({ frame: replaced, reason: replaced.reason }, 'replaced');
    }
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
    const state = this.#state;
    this.#state = { is: 'closing' };
    if (state.is === 'live') {
      this.#options.registry.park(this, state.memory);
      state.running?.cancel();
    }
    this.#options.admission.leave(this);
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
    this.#end(frame.seq);
    this.#options.metrics.dropped.inc({ reason: why });
    this.#options.wire.send({ type: 'dropped', seq: frame.seq, reason: why });
  }

  /** Remembers that a frame had its one end. */
  #end(seq: number): void {
    if (this.#state.is === 'live') this.#state.memory.endedSeq = Math.max(this.#state.memory.endedSeq, seq);
  }

  #tellFailure({ frame, reason }: { frame: ReceivedFrame; reason: ImageReason }, error: FrameError): void {
    if (reason === 'frame') this.#end(frame.seq);
    this.#sendError(reason === 'frame' ? frame.seq : undefined, error);
  }

  #sendError(seq: number | undefined, { code, message, retryable }: FrameError): void {
    this.#options.metrics.errors.inc({ code });
    this.#options.wire.send({ type: 'error', code, message, retryable, ...(seq !== undefined && { seq }) });
  }
}
