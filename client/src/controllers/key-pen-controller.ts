import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Hand } from '../drawing/hand.js';
import { SKETCH_WIDTH, type Point, type ToolSettings } from '../drawing/marks.js';
import type { PictureShape } from '../drawing/raster.js';

interface KeyPenHost extends ReactiveControllerHost {
  readonly shape: PictureShape;
  readonly toolSettings: ToolSettings;
}

interface KeyPenOptions {
  readonly hand: () => Hand;
  /** Whether the space bar was held for a pointer. */
  readonly wasSpaceUsed: () => boolean;
}

const STEP = 4;
const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Drawing with the keyboard: arrow keys move a cross over the sketch, the space bar puts the pen down and lifts it. Tools that need only a place act at once. */
export class KeyPenController implements ReactiveController {
  readonly #host: KeyPenHost;
  readonly #options: KeyPenOptions;
  #hand: Hand | null = null;
  #at: Point = [SKETCH_WIDTH / 2, SKETCH_WIDTH / 2];
  #visible = false;

  constructor(host: KeyPenHost, options: KeyPenOptions) {
    this.#host = host;
    this.#options = options;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.hide();
  }

  /** The place of the cross, as fractions of the sketch; null while the keyboard is not in use. */
  get cross(): Point | null {
    return this.#visible ? [this.#at[0] / SKETCH_WIDTH, this.#at[1] / this.#height] : null;
  }

  hide = (): void => {
    if (!this.#visible) return;
    this.#visible = false;
    this.#lift();
    this.#host.requestUpdate();
  };

  /** @returns whether the key was used */
  keydown = (event: KeyboardEvent): boolean => {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const arrow = ARROWS[event.key];
    if (arrow !== undefined) this.#move(arrow, event.shiftKey ? STEP * 4 : STEP);
    else if (event.key === 'Escape' && this.#isDown) this.#drop();
    else return false;
    this.#show(event);
    return true;
  };

  /** The space bar acts when it is released: meanwhile a pointer may have moved the view with it. */
  keyup = (event: KeyboardEvent): void => {
    if (event.key !== ' ' || event.ctrlKey || event.metaKey || event.altKey || this.#options.wasSpaceUsed()) return;
    if (this.#isDown) this.#lift();
    else this.#press();
    this.#show(event);
  };

  get #isDown(): boolean {
    return this.#hand?.isDown === true;
  }

  #show(event: KeyboardEvent): void {
    this.#visible = true;
    event.preventDefault();
    this.#host.requestUpdate();
  }

  get #height(): number {
    return (SKETCH_WIDTH * this.#host.shape.height) / this.#host.shape.width;
  }

  #move([dx, dy]: Point, step: number): void {
    const [x, y] = this.#at;
    this.#at = [clamp(x + dx * step, SKETCH_WIDTH), clamp(y + dy * step, this.#height)];
    this.#hand?.move([[...this.#at, 0.5]]);
  }

  #press(): void {
    const { tool } = this.#host.toolSettings;
    this.#hand = this.#options.hand();
    this.#hand.isConstrained = false;
    this.#hand.down([...this.#at, 0.5], { truePressure: false, as: null });
    // These need a place and no path.
    if (tool === 'fill' || tool === 'pick') this.#lift();
  }

  #lift(): void {
    this.#hand?.up();
    this.#hand = null;
  }

  #drop(): void {
    this.#hand?.cancel();
    this.#hand = null;
  }
}

function clamp(value: number, max: number): number {
  return Math.min(max, Math.max(0, value));
}
