/** Something that asked for an image within so many ms draws now, or drew lately. */
const NOW_MS = 1_500;
const LATELY_MS = 20_000;

/** Counts who draws: those who ask for images. */
export class Crowd<T extends object> {
  readonly #now: () => number;
  readonly #drawsNow = new Recent<T>(NOW_MS);
  readonly #drewLately = new Recent<T>(LATELY_MS);

  /** @param now clock in ms */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** It asks for an image. */
  note(one: T): void {
    const nowMs = this.#now();
    this.#drawsNow.note(one, nowMs);
    this.#drewLately.note(one, nowMs);
  }

  /** Those who draw now. */
  get now(): number {
    return this.#drawsNow.count(this.#now());
  }

  /** The part of so many places that each of those who draw now may have; at least one. */
  share(places: number): number {
    return Math.max(1, Math.floor(places / Math.max(1, this.now)));
  }

  /** Those who draw or stopped a short while ago. */
  get lately(): number {
    return this.#drewLately.count(this.#now());
  }
}

/** Those that were noted within some time, in the order of their last note. */
class Recent<T> {
  readonly #withinMs: number;
  readonly #notedMs = new Map<T, number>();

  constructor(withinMs: number) {
    this.#withinMs = withinMs;
  }

  note(one: T, nowMs: number): void {
    this.#notedMs.delete(one);
    this.#notedMs.set(one, nowMs);
  }

  count(nowMs: number): number {
    for (const [one, notedMs] of this.#notedMs) {
      if (notedMs > nowMs - this.#withinMs) break;
      this.#notedMs.delete(one);
    }
    return this.#notedMs.size;
  }
}
