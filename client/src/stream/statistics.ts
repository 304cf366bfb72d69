/** What a person wants to know about the stream, over the last images shown. Times in ms; NaN while nothing was measured. */
export interface Statistics {
  readonly framesPerSecond: number;
  /** From the change of the sketch to its image on the screen. */
  readonly inputToImageMedianMs: number;
  readonly inputToImageP90Ms: number;
  /** Of that, the server's part: the median over the same images. */
  readonly serverMs: number;
  /** Frames that the server did not run, since the stream began. */
  readonly dropped: number;
  /** UNet steps of the last image. */
  readonly steps: number;
}

const SAMPLES = 60;
const RATE_WINDOW_MS = 2_000;

export class StatisticsRecorder {
  #shownAt: number[] = [];
  #inputToImage: number[] = [];
  #serverMs: number[] = [];
  #steps = 0;
  dropped = 0;

  /** @param inputMs from the change to the screen; NaN when the image does not answer a change: a refined one, say */
  shown(now: number, inputMs: number, image: { readonly serverMs: number; readonly steps: number }): void {
    this.#shownAt = [...this.#shownAt.slice(1 - SAMPLES), now];
    this.#steps = image.steps;
    if (Number.isNaN(inputMs)) return;
    this.#inputToImage = [...this.#inputToImage.slice(1 - SAMPLES), inputMs];
    this.#serverMs = [...this.#serverMs.slice(1 - SAMPLES), image.serverMs];
  }

  read(now: number): Statistics {
    return {
      framesPerSecond: this.#shownAt.filter((at) => at > now - RATE_WINDOW_MS).length / (RATE_WINDOW_MS / 1000),
      inputToImageMedianMs: quantile(this.#inputToImage, 0.5),
      inputToImageP90Ms: quantile(this.#inputToImage, 0.9),
      serverMs: quantile(this.#serverMs, 0.5),
      dropped: this.dropped,
      steps: this.#steps,
    };
  }
}

/** The nearest-rank quantile; NaN of nothing. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
}
