import { applyParams, sameParams, type DropReason, type Params, type Ranges } from '@underpaint/shared';
import type { FrameError } from '../errors.js';
import type { NoImageReason, RenderedImage, RenderRequest } from '../inference/contract.js';
import type { Metrics } from '../metrics.js';
import type { FrameSource } from '../turns/frame-source.js';
import type { AdaptiveSteps } from './adaptive-steps.js';
import type { Audience } from './audience.js';
import type { Claim, OutgoingImage, PendingFrame, ReceivedFrame } from './frames.js';
import { Mailbox } from './mailbox.js';
import { Received, type SentFrame } from './received.js';
import { Refinement, type RefinementOptions } from './refinement.js';
import { Shown } from './shown.js';

export interface CanvasOptions extends RefinementOptions {
  readonly adaptiveSteps: AdaptiveSteps;
  readonly metrics: Metrics;
  /** Parameters of a new canvas. */
  readonly initialParams: Params;
  readonly ranges: Ranges;
  readonly maxFramesPerSecond: number;
  /** Says that this canvas may have a frame to run. */
  readonly offer: (canvas: Canvas) => void;
}

/** The state that a canvas can be restored from. */
export interface SavedCanvas {
  readonly params: Params;
  /** The last image. */
  readonly rendered: RenderedImage | undefined;
}

/**
 * One picture in the making: its parameters, its frames and the images rendered from them.
 *
 * Frames go into a mailbox of one slot. At most one frame runs, and none is claimed while an image still waits for every
 * reader: another image could only replace it. A canvas rests while nobody watches.
 */
export class Canvas implements FrameSource {
  readonly weight = 1;
  readonly #options: CanvasOptions;
  readonly #received: Received;
  readonly #mailbox = new Mailbox<PendingFrame>();
  readonly #shown: Shown;
  readonly #refinement: Refinement;
  #audience: Audience | undefined;
  #params: Params;
  #version = 0;
  #running: Claim | undefined;
  #waitingSinceMs = 0;
  #lastClaimMs = -Infinity;

  constructor(options: CanvasOptions, saved?: SavedCanvas) {
    this.#options = options;
    this.#params = saved?.params ?? options.initialParams;
    this.#received = new Received(options.now);
    this.#shown = new Shown(saved?.rendered);
    this.#refinement = new Refinement(options);
  }

  get saved(): SavedCanvas {
    return { params: this.#params, rendered: this.#shown.image?.rendered };
  }

  get params(): Params {
    return this.#params;
  }

  /** Rises when the parameters change. */
  get version(): number {
    return this.#version;
  }

  /** When its last frame came, in ms. */
  get lastFrameMs(): number {
    return this.#received.lastMs;
  }

  // ── readers ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Somebody watches from now on. */
  wake(audience: Audience): void {
    this.#audience = audience;
    this.#refinement.postpone();
    this.#lastClaimMs = -Infinity;
    // Repeats a run that was cancelled: the newest frame is always rendered, with the newest parameters.
    const [frame, asked] = [this.#received.last, this.#shown.image?.asked];
    if (!frame || (asked?.frame.number === frame.number && asked.version === this.#version)) return;
    // A frame has one end; it may have had it already.
    this.#put({ frame, reason: this.#received.hasEnded(frame) ? 'params' : 'frame' });
  }

  /** Nobody watches any more: cancels the run; `wake` repeats it. */
  rest(): void {
    this.#audience = undefined;
    this.#mailbox.take();
    this.#shown.leaveFrame();
    this.#refinement.giveUp();
    this.#callOff();
    this.#options.offer(this);
  }

  /** The last image, to be sent once more; undefined if there is none. */
  imageAgain(): OutgoingImage | undefined {
    const { image } = this.#shown;
    return image && { ...image, asked: { ...image.asked, askedMs: this.#options.now(), queueMs: 0 } };
  }

  /** Whether the last image is the newest that was seen: after a preview it would be a step back. */
  get isLastImageNewest(): boolean {
    return this.#shown.isImageNewest;
  }

  // ── receive ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Receives a frame. The caller must not change its bytes any more. */
  takeFrame(frame: SentFrame): void {
    this.#put({ frame: this.#received.add(frame), reason: 'frame' });
  }

  /**
   * Changes parameters.
   *
   * @throws ParamsError if the patch is invalid; nothing has changed then
   */
  changeParams(patch: unknown): void {
    const before = this.#params;
    this.#params = applyParams(before, patch, this.#options.ranges);
    if (sameParams(before, this.#params)) return;
    this.#version += 1;
    // A frame that waits will get the new parameters; otherwise the last one is rendered again.
    const { last } = this.#received;
    if (last && !this.#mailbox.peek()) this.#put({ frame: last, reason: 'params' });
  }

  #put(pending: PendingFrame): void {
    this.#refinement.postpone();
    const replaced = this.#mailbox.put(pending);
    if (replaced) this.#drop(replaced, 'replaced');
    else this.#waitingSinceMs = this.#options.now();
    // A refinement gives way at once to a requested frame.
    if (this.#running?.reason === 'refine') this.#callOff();
    this.#options.offer(this);
  }

  #callOff(): void {
    const running = this.#running;
    this.#running = undefined;
    running?.cancel();
  }

  // ── generate ──────────────────────────────────────────────────────────────────────────────────────────────────────

  readyAt(): number | null {
    if (!this.#audience || this.#running || this.#audience.isFull) return null;
    if (this.#mailbox.peek()) return this.#lastClaimMs + 1_000 / this.#options.maxFramesPerSecond;
    return this.#refinable() ? this.#refinement.dueMs : null;
  }

  waitingSince(): number {
    return this.#waitingSinceMs;
  }

  isBackground(): boolean {
    return this.#mailbox.peek() === undefined;
  }

  /** The frame on the screen, if it is the last one and can become finer. */
  #refinable(): ReceivedFrame | undefined {
    const frame = this.#refinement.isOpen ? this.#shown.frameAt(this.#version) : undefined;
    return frame === this.#received.last ? frame : undefined;
  }

  /** Says that the audience may be able to take another image. */
  offer(): void {
    this.#options.offer(this);
  }

  /** Claims the frame that is due; `undefined` if there is nothing to run after all. */
  take(): Claim | undefined {
    if (!this.#audience) return undefined;
    const pending = this.#mailbox.take();
    if (!pending) return this.#takeRefinement();
    if (!this.#isUnchanged(pending.frame)) return this.#claimFrame(pending);
    this.#endUnchanged(pending);
    this.#options.offer(this);
    return undefined;
  }

  /** Same bytes and same parameters as the image on the screen. */
  #isUnchanged({ data }: ReceivedFrame): boolean {
    const shown = this.#shown.frameAt(this.#version);
    return shown !== undefined && Buffer.compare(shown.data, data) === 0;
  }

  #claimFrame(pending: PendingFrame): Claim {
    const now = this.#options.now();
    const askedMs = pending.reason === 'frame' ? pending.frame.receivedMs : this.#waitingSinceMs;
    const steps = this.#options.adaptiveSteps.stepsOf(this.#params);
    const shown = this.#shown.fingerprintAt(this.#version);
    this.#lastClaimMs = now;
    this.#options.metrics.claimed.inc();
    return this.#claim({ ...pending, askedMs, queueMs: now - askedMs }, { steps, shown, background: false });
  }

  #takeRefinement(): Claim | undefined {
    const frame = this.#refinable();
    if (!frame) return undefined;
    const steps = this.#refinement.stepsOf(this.#params);
    const asked = { frame, reason: 'refine', askedMs: this.#lastClaimMs, queueMs: 0 } as const;
    return this.#claim(asked, { steps, shown: undefined, background: true });
  }

  #claim(
    { frame, reason, askedMs, queueMs }: Pick<Claim, 'frame' | 'reason' | 'askedMs' | 'queueMs'>,
    { steps, shown, background }: Pick<RenderRequest, 'steps' | 'shown' | 'background'>,
  ): Claim {
    const request = { data: frame.data, params: this.#params, steps, shown, background };
    const cancel = () => undefined;
    return (this.#running = { frame, reason, version: this.#version, askedMs, queueMs, request, cancel });
  }

  // ── deliver ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Takes the early picture of a claim, if a reader can take it. */
  deliverPreview(claim: Claim, rendered: RenderedImage): void {
    if (this.#running !== claim || !this.#audience || this.#audience.isFull) return;
    this.#shown.showPreview();
    this.#audience.show({ asked: claim, rendered, final: false });
  }

  /** Takes the image of a claim. */
  deliver(claim: Claim, rendered: RenderedImage): void {
    if (!this.#endRun(claim)) return;
    const image = { asked: claim, rendered, final: true };
    this.#shown.show(image, claim.frame);
    this.#refinement.follow(image);
    if (claim.reason === 'frame') this.#received.end(claim.frame);
    this.#audience?.show(image);
    this.#options.offer(this);
  }

  /** Ends a claim without an image: the frame is like the one on the screen, or a refinement gave way. */
  deliverNone(claim: Claim, why: NoImageReason): void {
    if (!this.#endRun(claim)) return;
    if (why === 'unchanged') this.#endUnchanged(claim);
    else this.#refinement.postpone();
    this.#options.offer(this);
  }

  /** The image on the screen shows this frame too. */
  #endUnchanged(pending: PendingFrame): void {
    this.#drop(pending, 'unchanged');
    this.#shown.standFor(pending.frame);
  }

  /** Takes the failure of a claim. */
  fail(claim: Claim, error: FrameError): void {
    if (!this.#endRun(claim)) return;
    // Nobody requested a refinement, so nobody is told; it is not tried again.
    if (claim.reason === 'refine') this.#refinement.giveUp();
    else this.#tellFailure(claim, error);
    // New parameters cannot make a bad picture readable; they may help a model that failed.
    if (claim.reason !== 'refine' && error.code !== 'worker-failed') this.#received.discard(claim.frame);
    this.#options.offer(this);
  }

  /** The worker died: the frame that waits fails too, and its sender decides whether to send it again. */
  failWaiting(error: FrameError): void {
    const pending = this.#mailbox.take();
    if (pending) this.#tellFailure(pending, error);
  }

  /** The server stops: the frame that waits will not be rendered. */
  dropWaiting(): void {
    const pending = this.#mailbox.take();
    if (pending) this.#drop(pending, 'stopping');
  }

  // ── end ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  #endRun(claim: Claim): boolean {
    if (this.#running !== claim) return false;
    this.#running = undefined;
    return true;
  }

  #drop({ frame, reason }: PendingFrame, why: DropReason): void {
    // A frame that is rendered again has had its end.
    if (reason !== 'frame') return;
    this.#received.end(frame);
    this.#audience?.handleDropped(frame, why);
  }

  #tellFailure({ frame, reason }: PendingFrame, error: FrameError): void {
    if (reason === 'frame') this.#received.end(frame);
    this.#audience?.handleFailed(reason === 'frame' ? frame : undefined, error);
  }
}
