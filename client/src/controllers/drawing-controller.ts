import {
  Drawing,
  layersOf,
  type DrawingHistory,
  type DrawingState,
  type ParamsAgainEvent,
  type ParamsStep,
  type SketchDrawing,
} from '../drawing/drawing.js';
import type { Ground } from '../drawing/ground.js';
import { newId, type Mark, type PictureMark, type Point } from '../drawing/marks.js';
import type { PictureShape } from '../drawing/raster.js';
import type { LoadLiftedPainter } from '../drawing/lifted-painter.js';
import { SketchSurface } from '../drawing/sketch-surface.js';
import type { AttachedHost } from './attached-controller.js';
import { ResourceController } from './resource-controller.js';

interface DrawingHost extends AttachedHost {
  readonly ground: Ground;
  /** The layer that new marks are put on. */
  readonly activeLayer: number;
}

interface DrawingControllerOptions {
  /** Called after every repaint. */
  readonly onPaint: () => void;
  readonly onParamsAgain: (event: ParamsAgainEvent) => void;
  readonly loadLifted: LoadLiftedPainter;
}

const PLACED_SHARE = 0.6;

/** Owns a drawing and the canvas it is painted on. Repaints once per display frame after either has changed. */
export class DrawingController extends ResourceController<DrawingHost, [SketchDrawing]> {
  /** The person's own drawing. */
  readonly own = new Drawing();
  #drawing: SketchDrawing = this.own;
  readonly #options: DrawingControllerOptions;
  #surface: SketchSurface | null = null;
  #live: Mark | null = null;
  #frame = 0;
  /** Whether the canvas does not show the current drawing yet. */
  #isOutdated = false;

  constructor(host: DrawingHost, options: DrawingControllerOptions) {
    super(host);
    this.#options = options;
  }

  /** The drawing that is shown and edited: the person's own or a shared one. */
  get drawing(): SketchDrawing {
    return this.#drawing;
  }

  set drawing(drawing: SketchDrawing) {
    this.#drawing = drawing;
    this.host.requestUpdate();
  }

  /** The colour at a point in sketch units, as #rrggbb, after everything done so far; null before there is a canvas. */
  colorAt(x: number, y: number): string | null {
    if (this.#isOutdated) this.#paintNow();
    return this.#surface?.colorAt(x, y) ?? null;
  }

  /** The mark under the pen. */
  set live(mark: Mark | null) {
    if (mark === this.#live) return;
    this.#live = mark;
    this.repaint();
  }

  /** Takes the canvas to paint on, in the shape of the model's pictures. */
  async attach(canvas: HTMLCanvasElement, shape: PictureShape): Promise<void> {
    this.#surface = new SketchSurface(canvas, shape, {
      load: this.#options.loadLifted,
      onLoaded: () => this.repaint(),
    });
    this.#isOutdated = true;
    await this.#prepare(this.drawing.state);
    this.repaint();
  }

  /** Adds a picture over everything drawn so far. @param place without it the picture covers the sheet */
  async addPicture(picture: Blob, place: Pick<PictureMark, 'id' | 'box' | 'matrix'> = {}): Promise<void> {
    const { drawing } = this;
    const blob = await drawing.adopt(picture);
    await this.#surface?.prepare(blob);
    drawing.add({ kind: 'picture', opacity: 1, blob, ...place });
  }

  /**
   * Adds a picture at its own proportions, at most `PLACED_SHARE` of the sheet wide and high.
   *
   * @param middle in sketch units
   * @returns the number of the mark
   */
  async placePicture(picture: Blob, [x, y]: Point): Promise<number> {
    const { size } = this.#surface!;
    const bitmap = await createImageBitmap(picture);
    const [width, height] = [bitmap.width, bitmap.height];
    bitmap.close();
    const fit = (PLACED_SHARE / size.scale) * Math.min(size.width / width, size.height / height);
    const box = [width * fit, height * fit] as const;
    const id = newId();
    await this.addPicture(picture, { id, box, matrix: [1, 0, 0, 1, x - box[0] / 2, y - box[1] / 2] });
    return id;
  }

  /** Decodes the pictures in the change, then changes the drawing: one undo takes it back. */
  async change(change: Partial<DrawingState>, { params }: { params?: ParamsStep | undefined } = {}): Promise<void> {
    const { drawing } = this;
    drawing.change(await this.#adopt(change, drawing), params);
  }

  /** The drawing with its steps to undo, if it is the person's own. */
  get history(): Pick<DrawingHistory, 'state' | 'past'> {
    return this.#drawing === this.own ? this.own.history : { state: this.#drawing.state, past: [] };
  }

  /** Marks alone, as a PNG of the sheet's size. */
  async picture(marks: readonly Mark[], opacity: number): Promise<Blob> {
    await this.flush();
    if (this.#surface === null) throw new Error('the sheet is not on the page');
    return this.#surface.picture(marks, opacity);
  }

  repaint(): void {
    this.#isOutdated = true;
    if (this.#frame !== 0 || !this.isAttached) return;
    this.#frame = requestAnimationFrame(() => this.#paintNow());
  }

  /** Decodes the pictures of the drawing and paints at once, if the canvas is outdated. */
  async flush(): Promise<void> {
    if (!this.#isOutdated) return;
    await this.#prepare(this.drawing.state);
    if (this.#isOutdated) this.#paintNow();
  }

  protected wanted(): [SketchDrawing] {
    return [this.#drawing];
  }

  protected acquire(drawing: SketchDrawing): () => void {
    const onChange = () => {
      this.host.requestUpdate();
      this.repaint();
    };
    const onParamsAgain = (event: Event) => this.#options.onParamsAgain(event as ParamsAgainEvent);
    drawing.addEventListener('change', onChange);
    drawing.addEventListener('paramsagain', onParamsAgain);
    this.repaint();
    return () => {
      drawing.removeEventListener('change', onChange);
      drawing.removeEventListener('paramsagain', onParamsAgain);
    };
  }

  protected override detached(): void {
    super.detached();
    this.#cancelFrame();
  }

  #paintNow(): void {
    this.#cancelFrame();
    this.#paint();
  }

  #cancelFrame(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  #paint(): void {
    if (this.#surface === null) return;
    const { state } = this.drawing;
    // Another person may have added a picture. Later marks, fills above all, depend on it.
    if (!picturesOf(state).every((picture) => this.#surface!.isPrepared(picture))) {
      void this.#prepare(state).then(() => this.repaint());
      return;
    }
    this.#isOutdated = false;
    const { ground } = this.host;
    const layers = layersOf(state);
    // Somebody else may have removed the layer.
    const activeLayer = (layers.find(({ id }) => id === this.host.activeLayer) ?? layers[0]!).id;
    this.#surface.paint({ ...state, live: this.#live, lifted: this.drawing.lifted, ground, activeLayer });
    this.#options.onPaint();
  }

  async #adopt(change: Partial<DrawingState>, drawing: SketchDrawing): Promise<Partial<DrawingState>> {
    const adopt = async <T extends { readonly blob: Blob }>(holder: T): Promise<T> => {
      const blob = await drawing.adopt(holder.blob);
      await this.#surface?.prepare(blob);
      return blob === holder.blob ? holder : { ...holder, blob };
    };
    const { marks, background, ...rest } = change;
    return {
      ...rest,
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
