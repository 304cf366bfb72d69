import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { SKETCH_WIDTH, type Point } from '../drawing/marks.js';
import type { Pen } from '../drawing/pen.js';
import type { PictureShape } from '../drawing/raster.js';

interface KeyPenHost extends ReactiveControllerHost {
  readonly shape: PictureShape;
}

const STEP = 4;
const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Drawing with the keyboard: arrow keys move a cross over the sketch, the space bar puts the pen down and lifts it. */
export class KeyPenController implements ReactiveController {
  readonly #host: KeyPenHost;
  readonly #pen: Pen;
  #at: Point = [SKETCH_WIDTH / 2, SKETCH_WIDTH / 2];
  #visible = false;

  constructor(host: KeyPenHost, pen: Pen) {
    this.#host = host;
    this.#pen = pen;
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
    this.#pen.up();
    this.#host.requestUpdate();
  };

  keydown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    if (arrow !== undefined) this.#move(arrow, event.shiftKey ? STEP * 4 : STEP);
    else if (event.key === ' ') this.#toggle();
    else if (event.key === 'Escape' && this.#pen.isDown) this.#pen.cancel();
    else return;
    this.#visible = true;
    event.preventDefault();
    this.#host.requestUpdate();
  };

  get #height(): number {
    return (SKETCH_WIDTH * this.#host.shape.height) / this.#host.shape.width;
  }

  #move([dx, dy]: Point, step: number): void {
    const [x, y] = this.#at;
    this.#at = [clamp(x + dx * step, SKETCH_WIDTH), clamp(y + dy * step, this.#height)];
    this.#pen.move([[...this.#at, 0.5]]);
  }

  #toggle(): void {
    if (this.#pen.isDown) this.#pen.up();
    else this.#pen.down([...this.#at, 0.5], { truePressure: false, erase: false });
  }
}

function clamp(value: number, max: number): number {
  return Math.min(max, Math.max(0, value));
}
