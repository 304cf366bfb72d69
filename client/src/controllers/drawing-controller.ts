import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { Drawing, type DrawingState } from '../drawing/drawing.js';
import type { Ground } from '../drawing/ground.js';
import type { Mark } from '../drawing/marks.js';
import { SketchSurface } from '../drawing/sketch-surface.js';

interface DrawingHost extends ReactiveControllerHost {
  readonly ground: Ground;
}

interface Shape {
  readonly width: number;
  readonly height: number;
}

/** Owns a drawing and the canvas it is painted on, and repaints once a display frame when either changed. */
export class DrawingController implements ReactiveController {
  readonly drawing = new Drawing();
  readonly #host: DrawingHost;
  readonly #painted: () => void;
  #surface: SketchSurface | null = null;
  #live: Mark | null = null;
  #frame = 0;

  /** @param painted called after every repaint */
  constructor(host: DrawingHost, painted: () => void) {
    this.#host = host;
    this.#painted = painted;
    host.addController(this);
    this.drawing.addEventListener('change', () => {
      host.requestUpdate();
      this.repaint();
    });
  }

  hostConnected(): void {
    this.repaint();
  }

  hostDisconnected(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  get surface(): SketchSurface | null {
    return this.#surface;
  }

  /** The mark under the pen. */
  set live(mark: Mark | null) {
    if (mark === this.#live) return;
    this.#live = mark;
    this.repaint();
  }

  /** Takes the canvas to paint on, in the shape of the model's pictures. */
  async attach(canvas: HTMLCanvasElement, shape: Shape): Promise<void> {
    this.#surface = new SketchSurface(canvas, shape);
    await this.#prepare(this.drawing.state);
    this.repaint();
  }

  /** Adds a picture over everything drawn so far. */
  async addPicture(blob: Blob): Promise<void> {
    await this.#surface?.prepare(blob);
    this.drawing.add({ kind: 'picture', opacity: 1, blob });
  }

  /** As `Drawing.change`, once the pictures in it are decoded. */
  async change(change: Partial<DrawingState>): Promise<void> {
    await this.#prepare({ ...this.drawing.state, ...change });
    this.drawing.change(change);
  }

  /** As `Drawing.amend`, once the pictures in it are decoded. */
  async amend(change: Partial<DrawingState>): Promise<void> {
    await this.#prepare({ ...this.drawing.state, ...change });
    this.drawing.amend(change);
  }

  repaint(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#paint();
    });
  }

  #paint(): void {
    if (this.#surface === null) return;
    this.#surface.paint({ ...this.drawing.state, live: this.#live, ground: this.#host.ground });
    this.#painted();
  }

  async #prepare({ marks, background }: DrawingState): Promise<void> {
    const blobs = marks.flatMap((mark) => (mark.kind === 'picture' ? [mark.blob] : []));
    if (background !== null) blobs.push(background.blob);
    await Promise.all(blobs.map((blob) => this.#surface?.prepare(blob)));
  }
}
