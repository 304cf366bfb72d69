import type { RenderedImage } from '../inference/contract.js';
import type { Claim } from './frames.js';

export interface RunsOptions {
  readonly maxFramesPerSecond: number;
  /** How many frames of this many steps may run at once now, without anybody waiting longer for it. */
  readonly depth: (steps: number) => number;
  /**
   * Whether one more may be claimed shortly before a run leaves its device, which would otherwise idle while the next
   * picture is decoded.
   */
  readonly isAhead: (steps: number) => boolean;
  /** Clock in ms. */
  readonly now: () => number;
}

/** The end of a run, and of all older ones. */
export interface Finished {
  /** What the image answers. */
  readonly asked: Claim;
  /** Runs of older frames, which have been cancelled. */
  readonly overtaken: readonly Claim[];
}

/** Runs begin at even distances, so that their images come evenly: at least this share of an even distance apart. */
const DISTANCE = 0.75;
/** Weight of the latest run in the average of their times. */
const LATEST_WEIGHT = 0.3;
const RUNS_KEPT = 4;
/** A frame that is claimed ahead of the end of a run comes so much too early rather than too late, ms. */
const MARGIN_MS = 1;

interface Run {
  readonly claim: Claim;
  readonly startedMs: number;
  /** Whether it waits for the device that an older run has. */
  waits: boolean;
  /** When it has or had the device, as far as known, ms. */
  beganMs: number;
}

/** The claims of one canvas that run, oldest first. */
export class Runs {
  maxFramesPerSecond: number;
  readonly #options: RunsOptions;
  #runs: Run[] = [];
  #lastStartMs = -Infinity;
  /** Average time of a run; unknown before the first one has ended. */
  #runMs: number | undefined;
  /** Of the last run. */
  #decodeMs = 0;
  /** Of the last runs, the newest first. */
  #inferMs: readonly number[] = [];

  constructor(options: RunsOptions) {
    this.maxFramesPerSecond = options.maxFramesPerSecond;
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#runs.length === 0;
  }

  get newest(): Claim | undefined {
    return this.#runs.at(-1)?.claim;
  }

  /** When the last frame was claimed that somebody had asked for, ms. */
  get lastStartMs(): number {
    return this.#lastStartMs;
  }

  has(claim: Claim): boolean {
    return this.#indexOf(claim) >= 0;
  }

  isOldest(claim: Claim): boolean {
    return this.#runs[0]?.claim === claim;
  }

  /** When one more of this many steps may start; null if it has to wait for the end of another. */
  nextMs(steps: number): number | null {
    const nextMs = this.isEmpty ? -Infinity : this.#besideMs(steps);
    return nextMs === null ? null : Math.max(nextMs, this.#lastStartMs + 1_000 / this.maxFramesPerSecond);
  }

  /** When one more may start beside those that run. */
  #besideMs(steps: number): number | null {
    if (this.#runMs === undefined) return null;
    const depth = this.#options.depth(steps);
    if (this.#runs.length < depth) return this.#lastStartMs + (DISTANCE * this.#runMs) / depth;
    return this.#runs.length === depth && this.#options.isAhead(steps) ? this.#aheadMs() : null;
  }

  /** When the next picture must be claimed, so that it is decoded when the oldest run leaves its device. */
  #aheadMs(): number {
    // A frame that is claimed too early only waits: on a machine that is busy at times, the longest run counts.
    return this.#runs[0]!.beganMs + Math.max(...this.#inferMs) - this.#decodeMs - MARGIN_MS;
  }

  /** The next one need not keep its distance. */
  forgetLastStart(): void {
    this.#lastStartMs = -Infinity;
  }

  start(claim: Claim): void {
    const startedMs = this.#options.now();
    const waits = !this.isEmpty && this.#runs.length >= this.#options.depth(claim.request.steps);
    this.#runs.push({ claim, startedMs, waits, beganMs: startedMs + this.#decodeMs });
    if (!claim.request.background) this.#lastStartMs = startedMs;
  }

  /** Ends a run that has an image; undefined if it was called off before. */
  finish(claim: Claim, timing: RenderedImage['timing']): Finished | undefined {
    const run = this.#runs[this.#indexOf(claim)];
    if (!run) return undefined;
    const nowMs = this.#options.now();
    const runMs = nowMs - run.startedMs;
    this.#decodeMs = timing.decodeMs;
    this.#inferMs = [timing.inferMs, ...this.#inferMs].slice(0, RUNS_KEPT);
    const next = this.#runs.find(({ waits }) => waits);
    if (next) Object.assign(next, { waits: false, beganMs: Math.max(next.beganMs, nowMs - timing.encodeMs) });
    this.#runMs = this.#runMs === undefined ? runMs : this.#runMs + LATEST_WEIGHT * (runMs - this.#runMs);
    const [own, others] = split(this.overtake(claim), ({ frame }) => frame === claim.frame);
    // If it overtook its own frame with older parameters, it ends that frame as well.
    const first = own.find(({ reason }) => reason === 'frame');
    const asked = first ? { ...claim, reason: first.reason, askedMs: first.askedMs, queueMs: first.queueMs } : claim;
    return { asked, overtaken: others };
  }

  /** Ends a run and all older ones; those are cancelled and returned. */
  overtake(claim: Claim): Claim[] {
    const ended = this.#runs.splice(0, this.#indexOf(claim) + 1).map((run) => run.claim);
    const overtaken = ended.slice(0, -1);
    for (const { cancel } of overtaken) cancel();
    return overtaken;
  }

  /** Ends a run without an image; false if it was called off before. */
  end(claim: Claim): boolean {
    const index = this.#indexOf(claim);
    if (index >= 0) this.#runs.splice(index, 1);
    return index >= 0;
  }

  /** Cancels all runs and returns them. */
  callOff(): Claim[] {
    const claims = this.#runs.map(({ claim }) => claim);
    this.#runs = [];
    for (const { cancel } of claims) cancel();
    return claims;
  }

  #indexOf(claim: Claim): number {
    return this.#runs.findIndex((run) => run.claim === claim);
  }
}

function split<T>(items: readonly T[], fits: (item: T) => boolean): [fitting: T[], others: T[]] {
  return [items.filter(fits), items.filter((item) => !fits(item))];
}
