import type { ImageMessage } from '@underpaint/shared';

/** How fast the stream is, over the last images shown. Times in ms; NaN before the first measurement. */
export interface Statistics {
  readonly framesPerSecond: number;
  /** From a change of the sketch to its image on the screen. */
  readonly inputToImageMedianMs: number;
  readonly inputToImageP90Ms: number;
  /** The server's part of that: the median over the same images. */
  readonly serverMs: number;
  /** Frames that the server dropped, since the stream started. */
  readonly dropped: number;
  /** UNet steps of the last image. */
  readonly steps: number;
}

const SAMPLES = 60;
const RATE_WINDOW_MS = 2_000;
const TELL_EVERY_MS = 500;

/** Measures the time from a change of the sketch to its image on the screen. */
export class StatisticsRecorder {
  readonly #tell: (statistics: Statistics) => void;
  readonly #now: () => number;
  readonly #changedAt = new Map<number, number>();
  #shownAt: number[] = [];
  #inputToImage: number[] = [];
  #serverMs: number[] = [];
  #steps = 0;
  #dropped = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param tell called twice a second while images arrive, and once more when the rate has fallen to zero */
  constructor(tell: (statistics: Statistics) => void, now: () => number = () => performance.now()) {
    this.#tell = tell;
    this.#now = now;
  }

  /** @param changedAt time of the oldest change in the frame, on the `now` clock */
  sent(seq: number, changedAt: number): void {
    this.#changedAt.set(seq, changedAt);
  }

  dropped(seq: number): void {
    this.#dropped += 1;
    this.#changedAt.delete(seq);
    this.#schedule();
  }

  /** An image is on the screen. Only the first image of a frame answers a change; later ones repaint or refine it. */
  shown({ seq, steps, timing }: Pick<ImageMessage, 'seq' | 'steps' | 'timing'>): void {
    const now = this.#now();
    this.#steps = steps;
    this.#shownAt = last(this.#shownAt, now);
    const changedAt = this.#changedAt.get(seq);
    if (changedAt !== undefined) {
      this.#inputToImage = last(this.#inputToImage, now - changedAt);
      this.#serverMs = last(this.#serverMs, timing.serverMs);
    }
    for (const older of this.#changedAt.keys()) if (older <= seq) this.#changedAt.delete(older);
    this.#schedule();
  }

  /** A new connection: earlier frames will get no answer. */
  forgetFrames(): void {
    this.#changedAt.clear();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  read(): Statistics {
    const since = this.#now() - RATE_WINDOW_MS;
    return {
      framesPerSecond: this.#shownAt.filter((at) => at > since).length / (RATE_WINDOW_MS / 1000),
      inputToImageMedianMs: quantile(this.#inputToImage, 0.5),
      inputToImageP90Ms: quantile(this.#inputToImage, 0.9),
      serverMs: quantile(this.#serverMs, 0.5),
      dropped: this.#dropped,
      steps: this.#steps,
    };
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const statistics = this.read();
      this.#tell(statistics);
      if (statistics.framesPerSecond > 0) this.#schedule();
    }, TELL_EVERY_MS);
  }
}

function last(samples: readonly number[], next: number): number[] {
  return [...samples.slice(1 - SAMPLES), next];
}

/** The nearest-rank quantile; NaN of nothing. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
}
