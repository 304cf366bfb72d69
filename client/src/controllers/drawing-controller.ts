import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { Drawing, type DrawingState, type SketchDrawing } from '../drawing/drawing.js';
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
  /** The drawing of the person here alone. */
  readonly own = new Drawing();
  #drawing: SketchDrawing = this.own;
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
    this.drawing.addEventListener('change', this.#drawingOnChange);
  }

  /** The drawing that is shown and changed: one's own, or one that is shared. */
  get drawing(): SketchDrawing {
    return this.#drawing;
  }

  set drawing(drawing: SketchDrawing) {
    this.#drawing.removeEventListener('change', this.#drawingOnChange);
    this.#drawing = drawing;
    drawing.addEventListener('change', this.#drawingOnChange);
    this.#drawingOnChange();
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
  async addPicture(picture: Blob): Promise<void> {
    const { drawing } = this;
    const blob = await drawing.adopt(picture);
    await this.#surface?.prepare(blob);
    drawing.add({ kind: 'picture', opacity: 1, blob });
  }

  /** As `SketchDrawing.change`, once the pictures in it are decoded. */
  async change(change: Partial<DrawingState>): Promise<void> {
    const { drawing } = this;
    drawing.change(await this.#adopt(change, drawing));
  }

  /** As `SketchDrawing.amend`, once the pictures in it are decoded. */
  async amend(change: Partial<DrawingState>, drawing = this.drawing): Promise<void> {
    drawing.amend(await this.#adopt(change, drawing));
  }

  repaint(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#paint();
    });
  }

  #drawingOnChange = (): void => {
    this.#host.requestUpdate();
    this.repaint();
  };

  #paint(): void {
    if (this.#surface === null) return;
    const { state } = this.drawing;
    // Others may have put in a picture. What comes after it in the drawing, a fill above all, cannot do without.
    if (!picturesOf(state).every((picture) => this.#surface!.isPrepared(picture))) {
      void this.#prepare(state).then(() => this.repaint());
      return;
    }
    this.#surface.paint({ ...state, live: this.#live, ground: this.#host.ground });
    this.#painted();
  }

  async #adopt(change: Partial<DrawingState>, drawing: SketchDrawing): Promise<Partial<DrawingState>> {
    const adopt = async <T extends { readonly blob: Blob }>(holder: T): Promise<T> => {
      const blob = await drawing.adopt(holder.blob);
      await this.#surface?.prepare(blob);
      return blob === holder.blob ? holder : { ...holder, blob };
    };
    const { marks, background } = change;
    return {
      ...(marks && { marks: await Promise.all(marks.map((mark) => (mark.kind === 'picture' ? adopt(mark) : mark))) }),
      ...(background !== undefined && { background: background && (await adopt(background)) }),
    };
  }

  /** Never rejects: a picture that cannot be decoded is left out. */
  async #prepare(state: DrawingState): Promise<void> {
    await Promise.allSettled(picturesOf(state).map((picture) => this.#surface?.prepare(picture)));
  }
}

function picturesOf({ marks, background }: DrawingState): Blob[] {
  const blobs = marks.flatMap((mark) => (mark.kind === 'picture' ? [mark.blob] : []));
  return background === null ? blobs : [...blobs, background.blob];
}
