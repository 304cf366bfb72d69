const TAP_MS = 300;
/** Fingers are never quite still. CSS pixels. */
const STILL_PX = 10;

interface TouchTapsOptions {
  readonly onTap: (fingers: number) => void;
}

/** Recognises taps with several fingers. Their touches may come and go one after the other. */
export class TouchTaps {
  readonly #onTap: (fingers: number) => void;
  readonly #down = new Map<number, { readonly x: number; readonly y: number }>();
  #fingers = 0;
  #startedMs = 0;
  #isTap = false;

  constructor({ onTap }: TouchTapsOptions) {
    this.#onTap = onTap;
  }

  /** Whether no finger has moved since the first came down. */
  get isStill(): boolean {
    return this.#isTap;
  }

  down({ pointerId, clientX: x, clientY: y, timeStamp }: PointerEvent): void {
    if (this.#down.size === 0) {
      this.#fingers = 0;
      this.#startedMs = timeStamp;
      this.#isTap = true;
    }
    this.#down.set(pointerId, { x, y });
    this.#fingers = Math.max(this.#fingers, this.#down.size);
  }

  move({ pointerId, clientX, clientY }: PointerEvent): void {
    const start = this.#down.get(pointerId);
    if (start && Math.hypot(clientX - start.x, clientY - start.y) > STILL_PX) this.#isTap = false;
  }

  up({ pointerId, timeStamp }: PointerEvent): void {
    if (!this.#down.delete(pointerId) || this.#down.size > 0) return;
    if (this.#isTap && this.#fingers > 1 && timeStamp - this.#startedMs <= TAP_MS) this.#onTap(this.#fingers);
    this.#isTap = false;
  }

  clear(): void {
    this.#down.clear();
    this.#isTap = false;
  }
}
