import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { Drawing } from '../drawing/drawing.js';
import type { Ground } from '../drawing/ground.js';
import type { Mark } from '../drawing/marks.js';
import { SketchSurface, type BackgroundPicture } from '../drawing/sketch-surface.js';

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
  #background: BackgroundPicture | null = null;
  #frame = 0;

  /** @param painted called after every repaint that changed what the canvas shows */
  constructor(host: DrawingHost, painted: () => void) {
    this.#host = host;
    this.#painted = painted;
    host.addController(this);
    this.drawing.addEventListener('change', () => {
      host.requestUpdate();
      this.repaint();
    });
  }

  hostDisconnected(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  hostConnected(): void {
    this.repaint();
  }

  get surface(): SketchSurface | null {
    return this.#surface;
  }

  get background(): BackgroundPicture | null {
    return this.#background;
  }

  /** The mark under the pen. */
  set live(mark: Mark | null) {
    this.#live = mark;
    this.repaint();
  }

  /** Takes the canvas to paint on, in the shape of the model's pictures. */
  async attach(canvas: HTMLCanvasElement, shape: Shape): Promise<void> {
    this.#surface = new SketchSurface(canvas, shape);
    await this.#preparePictures();
    this.repaint();
  }

  async setBackground(background: BackgroundPicture | null): Promise<void> {
    if (background !== null) await this.#surface?.prepare(background.blob);
    this.#background = background;
    this.#host.requestUpdate();
    this.repaint();
  }

  /** Adds a picture over everything drawn so far. */
  async addPicture(blob: Blob): Promise<void> {
    await this.#surface?.prepare(blob);
    this.drawing.add({ kind: 'picture', opacity: 1, blob });
  }

  async load(marks: readonly Mark[], background: BackgroundPicture | null): Promise<void> {
    await this.#preparePictures(marks);
    await this.setBackground(background);
    this.drawing.load(marks);
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
    const { marks } = this.drawing;
    const { ground } = this.#host;
    this.#surface.paint({ marks, live: this.#live, ground, background: this.#background });
    this.#painted();
  }

  async #preparePictures(marks: readonly Mark[] = this.drawing.marks): Promise<void> {
    const blobs = marks.flatMap((mark) => (mark.kind === 'picture' ? [mark.blob] : []));
    if (this.#background !== null) blobs.push(this.#background.blob);
    await Promise.all(blobs.map((blob) => this.#surface?.prepare(blob)));
  }
}
