import type { Batcher } from './turns/batcher.js';
import type { Canvas } from './canvas/canvas.js';
import { FrameError } from './errors.js';
import type { Claim } from './canvas/frames.js';
import type { InferenceExecutor, RenderedImage, RenderRequest } from './inference/contract.js';

export interface EngineOptions {
  readonly batcher: Batcher<Canvas>;
  readonly executor: InferenceExecutor;
  /** Device time of a frame. */
  readonly cost: (request: RenderRequest) => number;
}

/** The generate loop: whenever the executor has capacity, it renders the next frame and delivers the image. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #stopping = new AbortController();
  readonly #rendering = new Map<Promise<void>, { readonly canvas: Canvas; readonly claim: Claim }>();
  #loop: Promise<void> | undefined;
  #onFailed: (() => void) | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /**
   * Starts the loop. The returned function ends it, once all frames in flight are answered; after `graceMs` it fails the
   * rest.
   */
  start(): (graceMs: number) => Promise<void> {
    this.#loop = this.#run();
    return (graceMs) => this.#stop(graceMs);
  }

  async #run(): Promise<void> {
    const { batcher, executor } = this.#options;
    const { signal } = this.#stopping;
    try {
      while (!signal.aborted) {
        await executor.untilFree(signal);
        const canvas = batcher.poll();
        if (canvas) this.#serve(canvas);
        // Capacity that was free before may be gone afterwards.
        else await batcher.untilReady(signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  #serve(canvas: Canvas): void {
    const { batcher, cost } = this.#options;
    const claim = canvas.take();
    if (!claim) return batcher.end(canvas);
    batcher.charge(canvas, cost(claim.request));
    this.#track(this.#render(canvas, claim), { canvas, claim });
  }

  async #render(canvas: Canvas, claim: Claim): Promise<void> {
    const onPreview = (image: RenderedImage) => canvas.deliverPreview(claim, image);
    // The decoding time is known only now; until then the claim was charged for device time alone.
    const onDecoded = (ms: number) => this.#options.batcher.charge(canvas, ms);
    const rendering = this.#options.executor.render(claim.request, {
      owner: canvas,
      onPreview,
      onDecoded,
      asked: claim,
    });
    claim.cancel = rendering.cancel;
    try {
      const outcome = await rendering.outcome;
      if (typeof outcome === 'string') canvas.deliverNone(claim, outcome);
      else canvas.deliver(claim, outcome);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      canvas.fail(claim, error);
    } finally {
      this.#options.batcher.end(canvas);
    }
  }

  #track(work: Promise<void>, frame: { readonly canvas: Canvas; readonly claim: Claim }): void {
    this.#rendering.set(work, frame);
    void work.finally(() => this.#rendering.delete(work));
  }

  async #stop(graceMs: number): Promise<void> {
    this.#stopping.abort(new Error('the engine stops'));
    await this.#loop;
    const timer = setTimeout(() => this.#failAll(), graceMs);
    // A failed frame is answered, although its worker may never return.
    const ended = new Promise<void>((resolve) => (this.#onFailed = resolve));
    await Promise.race([Promise.all(this.#rendering.keys()), ended]);
    clearTimeout(timer);
  }

  #failAll(): void {
    const error = new FrameError('worker-failed', 'the server stopped before the image was done', { retryable: true });
    for (const { canvas, claim } of this.#rendering.values()) canvas.fail(claim, error);
    this.#onFailed?.();
  }
}
