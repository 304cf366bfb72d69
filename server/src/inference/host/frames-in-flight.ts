import { FrameError } from '../../errors.js';
import type { RenderedImage, RenderOptions, RenderOutcome } from '../contract.js';
import type { FromWorker } from '../messages.js';

interface Pending extends Pick<RenderOptions, 'onPreview' | 'onDecoded'> {
  readonly resolve: (outcome: RenderOutcome) => void;
  readonly reject: (error: unknown) => void;
  readonly hang: NodeJS.Timeout;
}

export interface HangBound {
  readonly ms: number;
  /** Called when a frame has no outcome after `ms`. */
  readonly onHang: () => void;
}

/** The frames that a worker has, and the outcomes that the engine waits for. */
export class FramesInFlight {
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;

  get size(): number {
    return this.#pending.size;
  }

  add(options: RenderOptions, { ms, onHang }: HangBound): { id: number; outcome: Promise<RenderOutcome> } {
    const id = this.#nextId++;
    const outcome = new Promise<RenderOutcome>((resolve, reject) => {
      this.#pending.set(id, { ...options, resolve, reject, hang: setTimeout(onHang, ms) });
    });
    return { id, outcome };
  }

  preview(id: number, image: RenderedImage): void {
    this.#pending.get(id)?.onPreview(image);
  }

  decoded(id: number, ms: number): void {
    this.#pending.get(id)?.onDecoded?.(ms);
  }

  settle(id: number, outcome: RenderOutcome): void {
    this.#take(id)?.resolve(outcome);
  }

  fail({ id, code, message, retryable }: Extract<FromWorker, { type: 'error' }>): void {
    this.#take(id)?.reject(new FrameError(code, message, { retryable }));
  }

  /** Fails every frame, because their worker died. */
  failAll(): void {
    for (const id of [...this.#pending.keys()]) this.#take(id)?.reject(workerDied());
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    clearTimeout(pending?.hang);
    return pending;
  }
}

export function workerDied(): FrameError {
  return new FrameError('worker-failed', 'the worker ended before the image was done; send the frame again', {
    retryable: true,
  });
}
