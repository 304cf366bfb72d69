import { applyParams, sameParams, type DropReason, type Params, type Ranges } from '@underpaint/shared';
import type { AdaptiveSteps } from './adaptive-steps.js';
import type { FrameSource } from '../turns/batcher.js';
import type { FrameError } from '../errors.js';
import type { Claim, OutgoingImage, ReceivedFrame, WaitingFrame } from './frames.js';
import type { RenderedImage, RenderRequest } from '../inference/contract.js';
import { Mailbox } from './mailbox.js';
import type { Metrics } from '../metrics.js';

/** Who looks at a canvas: one session, or the members of a room. */
export interface Audience {
  /** Whether an image still waits for the reader, for each of them if they are several. */
  readonly isFull: boolean;
  show(image: OutgoingImage): void;
  /** A frame will have no image; its sender is told. */
  handleDropped(frame: ReceivedFrame, reason: DropReason): void;
  /** A frame failed; without one, an image that was to follow from new parameters. */
  handleFailed(frame: ReceivedFrame | undefined, error: FrameError): void;
}

export interface CanvasOptions {
  readonly adaptiveSteps: AdaptiveSteps;
  readonly metrics: Metrics;
  /** What a new canvas starts with. */
  readonly initialParams: Params;
  readonly ranges: Ranges;
  readonly maxFramesPerSecond: number;
  /** A canvas of which nothing was asked for so long is quiet: its last frame is refined. */
  readonly quietMs: number;
  /** Steps of a refined frame; 0 refines none. */
  readonly refineSteps: number;
  readonly now: () => number;
  /** Says that this canvas may have a frame to run. */
  readonly offer: (canvas: Canvas) => void;
}

/** What a canvas can be made of again. */
export interface SavedCanvas {
  readonly params: Params;
  /** The last image. */
  readonly rendered: RenderedImage | undefined;
}

/** What the last image shows, for `unchanged` and for refinement. */
interface Shown {
  readonly frame: ReceivedFrame;
  readonly version: number;
  readonly fingerprint: Uint8Array | undefined;
  /** Nothing finer is to come: it was refined, or has as many steps already. */
  readonly isFinest: boolean;
}

/**
 * One picture that is drawn: its parameters, the frames that come for it and the images made of them.
 *
 * Frames go into a mailbox of one slot. At most one of them runs, and none is claimed while an image still waits for
 * every reader: more could only replace each other. When it has been quiet for a while the last frame is rendered again
 * with more steps, in the background. It rests while nobody looks.
 */
export class Canvas implements FrameSource {
  readonly weight = 1;
  readonly #options: CanvasOptions;
  readonly #mailbox = new Mailbox<WaitingFrame>();
  #audience: Audience | undefined;
  #params: Params;
  #version = 0;
  #lastNumber = 0;
  /** The newest frame that had its end: each has one. */
  #endedNumber = 0;
  #lastFrame: ReceivedFrame | undefined;
  #lastImage: OutgoingImage | undefined;
  /** What the newest image that was sent shows, a preview or not. */
  #newest: Pick<OutgoingImage, 'number' | 'version'> = { number: 0, version: 0 };
  /** The claim that runs now. */
  #running: Claim | undefined;
  #shown: Shown | undefined;
  #waitingSinceMs = 0;
  #lastClaimMs = -Infinity;
  #lastFrameMs = -Infinity;
  /** When anything was asked for, or a refinement gave way. */
  #lastAskedMs = 0;

  constructor(options: CanvasOptions, saved?: SavedCanvas) {
    this.#options = options;
    this.#params = saved?.params ?? options.initialParams;
    if (saved?.rendered) this.#lastImage = imageOfNobody(saved.rendered);
  }

  /** What to make it of again. */
  get saved(): SavedCanvas {
    return { params: this.#params, rendered: this.#lastImage?.rendered };
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
    return this.#lastFrameMs;
  }

  // ── receive ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Somebody looks, from now on. */
  wake(audience: Audience): void {
    this.#audience = audience;
    this.#lastAskedMs = this.#options.now();
    this.#lastClaimMs = -Infinity;
    // What was under way is rendered now: the newest frame always is, with the newest parameters.
    const [frame, image] = [this.#lastFrame, this.#lastImage];
    if (!frame || (image?.number === frame.number && image.version === this.#version)) return;
    // A frame has one end: one that was shown, dropped or failed has had it.
    this.#put({ frame, reason: this.#endedNumber === frame.number ? 'params' : 'frame' });
  }

  /** Nobody looks any more: what is under way is called off, and rendered when somebody comes. */
  rest(): void {
    this.#audience = undefined;
    this.#mailbox.take();
    this.#shown = undefined;
    this.#running?.cancel();
    this.#running = undefined;
    this.#options.offer(this);
  }

  /** The last image, to be sent once more; undefined when there is none. */
  imageAgain(): OutgoingImage | undefined {
    return this.#lastImage && { ...this.#lastImage, receivedMs: this.#options.now(), queueMs: 0 };
  }

  /** Where a preview of a newer frame or of newer parameters was seen, the last image would be a step back. */
  get isLastImageNewest(): boolean {
    const { number, version } = this.#newest;
    return this.#lastImage !== undefined && this.#lastImage.number >= number && this.#lastImage.version >= version;
  }

  /** Takes a frame. Its bytes are kept as they are. */
  takeFrame({ seq, at, member, data }: Pick<ReceivedFrame, 'seq' | 'at' | 'member' | 'data'>): void {
    const frame = { number: ++this.#lastNumber, seq, at, member, data, receivedMs: this.#options.now() };
    this.#lastFrame = frame;
    this.#lastFrameMs = frame.receivedMs;
    this.#put({ frame, reason: 'frame' });
  }

  /**
   * Changes parameters.
   *
   * @throws ParamsError when the patch is none; nothing has changed then
   */
  changeParams(patch: unknown): void {
    const before = this.#params;
    this.#params = applyParams(before, patch, this.#options.ranges);
    if (sameParams(before, this.#params)) return;
    this.#version += 1;
    // A frame that waits will be taken with the new parameters; otherwise the last one is rendered again.
    const waits = this.#mailbox.peek() !== undefined;
    if (this.#lastFrame && !waits) this.#put({ frame: this.#lastFrame, reason: 'params' });
  }

  #put(waiting: WaitingFrame): void {
    this.#lastAskedMs = this.#options.now();
    const replaced = this.#mailbox.put(waiting);
    if (replaced) this.#drop(replaced, 'replaced');
    else this.#waitingSinceMs = this.#lastAskedMs;
    if (this.#running?.reason === 'refine') this.#cutShort(this.#running);
    this.#options.offer(this);
  }

  /** A refinement stands back at once: what was asked for goes first. */
  #cutShort(refinement: Claim): void {
    this.#running = undefined;
    refinement.cancel();
  }

  // ── generate ──────────────────────────────────────────────────────────────────────────────────────────────────────

  readyAt(): number | null {
    if (!this.#audience || this.#running || this.#audience.isFull) return null;
    if (this.#mailbox.peek()) return this.#lastClaimMs + 1_000 / this.#options.maxFramesPerSecond;
    return this.#canRefine() ? this.#lastAskedMs + this.#options.quietMs : null;
  }

  waitingSince(): number {
    return this.#waitingSinceMs;
  }

  isBackground(): boolean {
    return this.#mailbox.peek() === undefined;
  }

  /** Says that the audience may have become ready for more. */
  offer(): void {
    this.#options.offer(this);
  }

  /** Claims the frame that is due; `undefined` when there is nothing to run after all. */
  take(): Claim | undefined {
    if (!this.#audience) return undefined;
    const waiting = this.#mailbox.take();
    if (!waiting) return this.#canRefine() ? this.#claimRefinement() : undefined;
    if (this.#isUnchanged(waiting.frame)) {
      this.#drop(waiting, 'unchanged');
      this.#shown = { ...this.#shown!, frame: waiting.frame };
      this.#options.offer(this);
      return undefined;
    }
    const now = this.#options.now();
    const queueMs = now - (waiting.reason === 'frame' ? waiting.frame.receivedMs : this.#waitingSinceMs);
    const steps = this.#options.adaptiveSteps.stepsOf(this.#params);
    // Only against an image that is still right.
    const shown = this.#shown?.version === this.#version ? this.#shown.fingerprint : undefined;
    this.#lastClaimMs = now;
    this.#options.metrics.claimed.inc();
    return this.#claim(waiting, queueMs, { steps, shown, background: false });
  }

  #claimRefinement(): Claim {
    const waiting = { frame: this.#shown!.frame, reason: 'refine' } as const;
    const steps = Math.max(this.#params.steps, this.#options.refineSteps);
    return this.#claim(waiting, 0, { steps, shown: undefined, background: true });
  }

  #claim(
    { frame, reason }: WaitingFrame,
    queueMs: number,
    { steps, shown, background }: Pick<RenderRequest, 'steps' | 'shown' | 'background'>,
  ): Claim {
    const request = { data: frame.data, params: this.#params, steps, shown, background };
    return (this.#running = { frame, reason, request, version: this.#version, queueMs, cancel: () => undefined });
  }

  /** Same bytes and same parameters as the image that is shown. */
  #isUnchanged({ data }: ReceivedFrame): boolean {
    const shown = this.#shown;
    return shown !== undefined && shown.version === this.#version && Buffer.compare(shown.frame.data, data) === 0;
  }

  #canRefine(): boolean {
    const shown = this.#shown;
    if (!shown || shown.isFinest || this.#options.refineSteps === 0) return false;
    return shown.frame === this.#lastFrame && shown.version === this.#version;
  }

  /** Takes the early picture of a claim, for who reads fast enough to see it. */
  deliverPreview(claim: Claim, rendered: RenderedImage): void {
    if (this.#running !== claim || !this.#audience || this.#audience.isFull) return;
    this.#newest = { number: claim.frame.number, version: claim.version };
    this.#audience.show(this.#imageOf(claim, { rendered, final: false }));
  }

  /** Takes the image of a claim. */
  deliver(claim: Claim, rendered: RenderedImage): void {
    if (!this.#endRun(claim)) return;
    const image = this.#imageOf(claim, { rendered, final: true });
    const { frame, version, reason } = claim;
    const isFinest = reason === 'refine' || rendered.steps >= this.#options.refineSteps;
    const fingerprint = rendered.fingerprint ?? (reason === 'refine' ? this.#shown?.fingerprint : undefined);
    this.#shown = { frame, version, fingerprint, isFinest };
    this.#lastImage = image;
    this.#newest = { number: frame.number, version };
    if (reason === 'frame') this.#end(frame);
    this.#audience?.show(image);
    this.#options.offer(this);
  }

  #imageOf(claim: Claim, { rendered, final }: Pick<OutgoingImage, 'rendered' | 'final'>): OutgoingImage {
    const { frame, reason, version, queueMs } = claim;
    const { number, seq, at, member } = frame;
    const receivedMs = reason === 'frame' ? frame.receivedMs : this.#lastClaimMs - queueMs;
    return { number, seq, at, member, reason, version, receivedMs, queueMs, rendered, final };
  }

  /** Takes the word that there will be no image: the frame is like the one shown, or a refinement gave way. */
  deliverNone(claim: Claim, why: 'unchanged' | 'gave-way' | 'cancelled'): void {
    if (!this.#endRun(claim)) return;
    if (why === 'unchanged') {
      this.#drop(claim, 'unchanged');
      // The image that stands shows this frame too.
      this.#shown = { ...this.#shown!, frame: claim.frame };
    } else this.#lastAskedMs = this.#options.now();
    this.#options.offer(this);
  }

  /** Takes the failure of a claim. */
  fail(claim: Claim, error: FrameError): void {
    if (!this.#endRun(claim)) return;
    // Nobody asked for a refinement, so nobody is told; it is not tried again.
    if (claim.reason === 'refine') this.#shown = { ...this.#shown!, isFinest: true };
    else {
      // A picture that cannot be read will not become readable with other parameters; what a model fails at, it may do.
      if (error.code !== 'worker-failed' && this.#lastFrame === claim.frame) this.#lastFrame = undefined;
      this.#tellFailure(claim, error);
    }
    this.#options.offer(this);
  }

  /** The worker died: what waits is failed too, and its sender decides what to send again. */
  failWaiting(error: FrameError): void {
    const waiting = this.#mailbox.take();
    if (waiting) this.#tellFailure(waiting, error);
  }

  /** The server stops: what waits will not be rendered. */
  dropWaiting(): void {
    const waiting = this.#mailbox.take();
    if (waiting) this.#drop(waiting, 'stopping');
  }

  // ── end ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  #endRun(claim: Claim): boolean {
    if (this.#running !== claim) return false;
    this.#running = undefined;
    return true;
  }

  #drop({ frame, reason }: WaitingFrame, why: DropReason): void {
    // A frame rendered again has had its end already.
    if (reason !== 'frame') return;
    this.#end(frame);
    this.#audience?.handleDropped(frame, why);
  }

  #tellFailure({ frame, reason }: WaitingFrame, error: FrameError): void {
    if (reason === 'frame') this.#end(frame);
    this.#audience?.handleFailed(reason === 'frame' ? frame : undefined, error);
  }

  #end({ number }: ReceivedFrame): void {
    this.#endedNumber = Math.max(this.#endedNumber, number);
  }
}

/** An image whose frame is no longer known, and who sent it. */
function imageOfNobody(rendered: RenderedImage): OutgoingImage {
  const about = { number: 0, seq: 0, at: undefined, member: 0, version: 0, receivedMs: 0, queueMs: 0 };
  return { ...about, reason: 'frame', rendered, final: true };
}
