import type {
  InferenceExecutor,
  RenderedImage,
  RenderOptions,
  RenderOutcome,
  RenderRequest,
} from '../../server/src/inference/contract.js';
import { rendered } from './fakes.js';

interface Run {
  readonly request: RenderRequest;
  readonly onPreview: (image: RenderedImage) => void;
  readonly resolve: (outcome: RenderOutcome) => void;
  readonly reject: (error: Error) => void;
}

/** Four rows that finish when the test says so; a picture equals its frame. */
export class FakeDevice implements InferenceExecutor {
  readonly runs: Run[] = [];
  #wake: (() => void) | undefined;

  untilFree(signal: AbortSignal): Promise<void> {
    if (this.runs.length < 4) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#wake = resolve;
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  }

  render(request: RenderRequest, { onPreview }: RenderOptions) {
    let run!: Run;
    const outcome = new Promise<RenderOutcome>((resolve, reject) => {
      this.runs.push((run = { request, onPreview, resolve, reject }));
    });
    return { outcome, cancel: () => this.#take(this.runs.indexOf(run))?.resolve('cancelled') };
  }

  finish(index: number): void {
    const run = this.#take(index);
    run?.resolve({
      ...rendered(),
      data: Uint8Array.from(run.request.data),
      fingerprint: Uint8Array.from(run.request.data),
    });
  }

  /** Compares a frame with the one that was on the screen when it was claimed, as a worker does before it runs. */
  compare(index: number): void {
    const { shown, data } = this.runs[index]?.request ?? {};
    if (shown && data && shown[1] === data[1]) this.#take(index)!.resolve('unchanged');
  }

  preview(index: number): void {
    const run = this.runs[index];
    run?.onPreview({ ...rendered(), step: 1, data: Uint8Array.from(run.request.data) });
  }

  fail(index: number, error: Error): void {
    this.#take(index)?.reject(error);
  }

  failAll(error: Error): void {
    while (this.runs.length > 0) this.fail(0, error);
  }

  #take(index: number): Run | undefined {
    const [run] = index < 0 ? [] : this.runs.splice(index, 1);
    this.#wake?.();
    return run;
  }
}
