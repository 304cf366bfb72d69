import { applyParams, sameParams, type Params, type Ranges } from '@underpaint/shared';
import type { FrameError } from '../errors.js';
import type { NoImageReason, RenderedImage, RenderRequest } from '../inference/contract.js';
import type { Metrics } from '../metrics.js';
import type { FrameSource } from '../turns/frame-source.js';
import type { AdaptiveSteps } from './adaptive-steps.js';
import type { Audience } from './audience.js';
import { Endings } from './endings.js';
import type { Claim, OutgoingImage, PendingFrame, ReceivedFrame, SavedCanvas } from './frames.js';
import { Mailbox } from './mailbox.js';
import { Received, type SentFrame } from './received.js';
import { Refinement, type RefinementOptions } from './refinement.js';
import { Runs, type RunsOptions } from './runs.js';
import { Shown } from './shown.js';

export interface CanvasOptions extends RefinementOptions, RunsOptions {
  readonly adaptiveSteps: AdaptiveSteps;
  readonly metrics: Metrics;
  /** Parameters of a new canvas. */
  readonly initialParams: Params;
  readonly ranges: Ranges;
  /** Says that this canvas asks for an image. */
  readonly ask: (canvas: Canvas) => void;
  /** Says that this canvas may have a frame to run. */
  readonly offer: (canvas: Canvas) => void;
}

/**
 * One picture in the making: its parameters, its frames and the images rendered from them.
 *
 * Frames go into a mailbox of one slot. As many run at once as the devices have idle rows for. Images are shown in the order
 * of their frames: a frame that is overtaken by a newer one is dropped. None is claimed while an image still waits for
 * every reader: another image could only replace it. A canvas rests while nobody watches.
 */
export class Canvas implements FrameSource {
  /** Its share of the device beside that of the others. */
  weight = 1;
  readonly #options: CanvasOptions;
  readonly #received: Received;
  readonly #mailbox = new Mailbox<PendingFrame>();
  readonly #shown: Shown;
  readonly #refinement: Refinement;
  readonly #endings: Endings;
  readonly #runs: Runs;
  #audience: Audience | undefined;
  #params: Params;
  #version = 0;
  #waitingSinceMs = 0;

  constructor(options: CanvasOptions, saved?: SavedCanvas) {
    this.#options = options;
    this.#params = saved?.params ?? options.initialParams;
    this.#received = new Received(options.now);
    this.#shown = new Shown(saved?.rendered);
    this.#refinement = new Refinement(options);
    this.#endings = new Endings(this.#received, () => this.#audience);
    this.#runs = new Runs(options);
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

  /** Limits its pace below that of the server. */
  set framesPerSecond(most: number) {
    this.#runs.maxFramesPerSecond = Math.min(most, this.#options.maxFramesPerSecond);
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
    this.#runs.forgetLastStart();
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
    this.#runs.callOff();
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
    if (replaced) this.#endings.drop(replaced, 'replaced');
    else this.#waitingSinceMs = this.#options.now();
    // A refinement gives way at once to a requested frame.
    if (this.#runs.newest?.reason === 'refine') this.#runs.callOff();
    this.#options.ask(this);
    this.#options.offer(this);
  }

  // ── generate ──────────────────────────────────────────────────────────────────────────────────────────────────────

  readyAt(): number | null {
    if (!this.#audience || this.#audience.isFull) return null;
    if (this.#mailbox.peek()) return this.#runs.nextMs(this.#options.adaptiveSteps.stepsOf(this.#params));
    return this.#runs.isEmpty && this.#refinable() ? this.#refinement.dueMs : null;
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
    this.#endings.dropOvertaken(this.#runs.callOff());
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
    this.#options.metrics.claimed.inc();
    return this.#claim({ ...pending, askedMs, queueMs: now - askedMs }, { steps, shown, background: false });
  }

  #takeRefinement(): Claim | undefined {
    const frame = this.#refinable();
    if (!frame) return undefined;
    const steps = this.#refinement.stepsOf(this.#params);
    const asked = { frame, reason: 'refine', askedMs: this.#runs.lastStartMs, queueMs: 0 } as const;
    return this.#claim(asked, { steps, shown: undefined, background: true });
  }

  #claim(
    { frame, reason, askedMs, queueMs }: Pick<Claim, 'frame' | 'reason' | 'askedMs' | 'queueMs'>,
    { steps, shown, background }: Pick<RenderRequest, 'steps' | 'shown' | 'background'>,
  ): Claim {
    const request = { data: frame.data, params: this.#params, steps, shown, background };
    const cancel = () => undefined;
    const claim = { frame, reason, version: this.#version, askedMs, queueMs, request, cancel };
    this.#runs.start(claim);
    return claim;
  }

  // ── deliver ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Takes the early picture of a claim, if a reader can take it and the image of an older claim will not follow. */
  deliverPreview(claim: Claim, rendered: RenderedImage): void {
    if (!this.#runs.isOldest(claim) || !this.#audience || this.#audience.isFull) return;
    this.#shown.showPreview();
    this.#audience.show({ asked: claim, rendered, final: false });
  }

  /** Takes the image of a claim. */
  deliver(claim: Claim, rendered: RenderedImage): void {
    const finished = this.#runs.finish(claim, rendered.timing);
    if (!finished) return;
    this.#endings.dropOvertaken(finished.overtaken);
    const image = { asked: finished.asked, rendered, final: true };
    this.#shown.show(image, claim.frame);
    this.#refinement.follow(image);
    if (image.asked.reason === 'frame') this.#received.end(claim.frame);
    this.#audience?.show(image);
    this.#options.offer(this);
  }

  /** Ends a claim without an image: the frame is like the one on the screen, or a refinement gave way. */
  deliverNone(claim: Claim, why: NoImageReason): void {
    if (!this.#runs.has(claim)) return;
    if (why === 'unchanged') this.#deliverUnchanged(claim);
    else if (this.#runs.end(claim)) this.#refinement.postpone();
    this.#options.offer(this);
  }

  #deliverUnchanged(claim: Claim): void {
    // It was compared with the screen when it was claimed; since then an older run may have changed the screen.
    if (claim.request.shown !== this.#shown.fingerprintAt(claim.version)) return this.#repeat(claim);
    this.#endings.dropOvertaken(this.#runs.overtake(claim));
    this.#endUnchanged(claim);
  }

  /** Renders a frame after all, unless a newer one waits. */
  #repeat(claim: Claim): void {
    this.#runs.end(claim);
    const { frame, reason } = claim;
    if ((this.#mailbox.peek() ?? claim).frame === frame) this.#put({ frame, reason });
    else this.#endings.drop(claim, 'replaced');
  }

  /** The image on the screen shows this frame too. */
  #endUnchanged(pending: PendingFrame): void {
    this.#endings.drop(pending, 'unchanged');
    this.#shown.standFor(pending.frame);
  }

  /** Takes the failure of a claim. */
  fail(claim: Claim, error: FrameError): void {
    if (!this.#runs.end(claim)) return;
    // Nobody requested a refinement, so nobody is told; it is not tried again.
    if (claim.reason === 'refine') this.#refinement.giveUp();
    else this.#endings.fail(claim, error);
    // New parameters cannot make a bad picture readable; they may help a model that failed.
    if (claim.reason !== 'refine' && error.code !== 'worker-failed') this.#received.discard(claim.frame);
    this.#options.offer(this);
  }

  /** The worker died: the frame that waits fails too, and its sender decides whether to send it again. */
  failWaiting(error: FrameError): void {
    const pending = this.#mailbox.take();
    if (pending) this.#endings.fail(pending, error);
  }

  /** The server stops: the frame that waits will not be rendered. */
  dropWaiting(): void {
    const pending = this.#mailbox.take();
    if (pending) this.#endings.drop(pending, 'stopping');
  }
}
