const REST_MS = 500;
/** CSS pixels. */
const STILL_PX = 8;

/** Tells when a finger rests on one place. */
export class LongPress {
  readonly #onRest: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #start = { x: 0, y: 0 };

  constructor(onRest: () => void) {
    this.#onRest = onRest;
  }

  start({ clientX: x, clientY: y }: PointerEvent): void {
    this.stop();
    this.#start = { x, y };
    this.#timer = setTimeout(this.#onRest, REST_MS);
  }

  move({ clientX, clientY }: PointerEvent): void {
    if (Math.hypot(clientX - this.#start.x, clientY - this.#start.y) > STILL_PX) this.stop();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
