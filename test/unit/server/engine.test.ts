import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Batcher } from '../../../server/src/turns/batcher.js';
import type { Audience } from '../../../server/src/canvas/audience.js';
import { Canvas } from '../../../server/src/canvas/canvas.js';
import { Engine } from '../../../server/src/engine.js';
import type {
  InferenceExecutor,
  RenderOptions,
  RenderOutcome,
  RenderRequest,
} from '../../../server/src/inference/contract.js';
import { canvasOptions, rendered } from '../../helpers/fakes.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const DEVICE_MS = 40;
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** One frame at a time: decoded, which takes as many ms as its first byte says times two, then run. */
class SlowDecoder implements InferenceExecutor {
  #isBusy = false;
  #wake: () => void = () => undefined;

  untilFree(): Promise<void> {
    return this.#isBusy ? new Promise((resolve) => (this.#wake = resolve)) : Promise.resolve();
  }

  render(request: RenderRequest, options: RenderOptions) {
    this.#isBusy = true;
    return { outcome: this.#run(request, options), cancel: () => undefined };
  }

  async #run({ data }: RenderRequest, { onDecoded }: RenderOptions): Promise<RenderOutcome> {
    await wait(2 * data[0]!);
    onDecoded?.(2 * data[0]!);
    await wait(DEVICE_MS);
    this.#isBusy = false;
    this.#wake();
    return rendered();
  }
}

/** Somebody whose next frame is there when the last one is done. */
class Drawer implements Audience {
  readonly isFull = false;
  images = 0;
  #seq = 0;

  constructor(
    readonly canvas: Canvas,
    readonly decodeMs: number,
  ) {
    canvas.wake(this);
    this.send();
  }

  show(): void {
    this.images += 1;
    this.send();
  }

  handleDropped = () => undefined;
  handleFailed = () => undefined;

  send(): void {
    const seq = ++this.#seq;
    this.canvas.takeFrame({
      seq,
      at: undefined,
      member: undefined,
      data: Uint8Array.of(this.decodeMs / 2, seq, seq >> 8),
    });
  }
}

it('gives no more time to sessions whose pictures are expensive to decode', async () => {
  const now = () => Date.now();
  const batcher = new Batcher<Canvas>({ now });
  const stop = new Engine({ batcher, executor: new SlowDecoder(), cost: () => DEVICE_MS }).start();
  const options = canvasOptions(now, { maxFramesPerSecond: 1_000, offer: (canvas) => batcher.offer(canvas) });
  const drawers = [4, 400, 400, 400].map((decodeMs) => new Drawer(new Canvas(options), decodeMs));
  await vi.advanceTimersByTimeAsync(20_000);
  const [normal, ...dear] = drawers.map(({ images }) => images);
  // Every second turn, which is all that one frame at a time can have: 20 s / (44 + 440 ms).
  expect(normal).toBeGreaterThan(38);
  // The others share the rest among them.
  expect(Math.max(...dear) - Math.min(...dear)).toBeLessThanOrEqual(1);
  for (const { canvas } of drawers) canvas.rest();
  const stopped = stop(1_000);
  await vi.advanceTimersByTimeAsync(1_000);
  await stopped;
});
