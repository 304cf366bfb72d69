import { toBlob, type HiddenContext } from '../canvas.js';
import type { DrawingState, Lifted } from './drawing.js';
import { paintGround, type Ground } from './ground.js';
import { InkStack } from './ink-stack.js';
import { ONE_LAYER } from './layers.js';
import type { LiftedPainter, LoadLiftedPainter } from './lifted-painter.js';
import type { Mark } from './marks.js';
import { paintCover, paintMark, type PaintAids } from './paint-mark.js';
import { createLayer, rasterSize, type RasterSize } from './raster.js';

/** Everything that the look of a sketch depends on. */
export interface SketchScene extends DrawingState {
  /** The mark under the pen. */
  readonly live: Mark | null;
  /** The layer that new marks are put on. */
  readonly activeLayer?: number;
  readonly lifted?: readonly Lifted[];
  readonly ground: Ground;
}

/** How to show marks on the move. */
interface SurfaceMoves {
  readonly load: LoadLiftedPainter;
  /** The painter is there: please paint again. */
  readonly onLoaded: () => void;
}

/** Paints ground, ink and the mark under the pen on one canvas. The person and the model see this canvas. */
export class SketchSurface {
  readonly size: RasterSize;
  readonly #display: CanvasRenderingContext2D;
  readonly #ground: HiddenContext;
  readonly #ink: InkStack;
  readonly #moves: SurfaceMoves | undefined;
  #lifted: LiftedPainter | null = null;
  readonly #aids: PaintAids;
  /** Null for a picture that cannot be decoded: it is left out. */
  readonly #pictures = new WeakMap<Blob, ImageBitmap | null>();
  #groundKey = '';

  /** @param shape the model's picture, of which the ratio counts */
  constructor(
    canvas: HTMLCanvasElement,
    shape: { readonly width: number; readonly height: number },
    moves?: SurfaceMoves,
  ) {
    this.size = rasterSize(shape);
    canvas.width = this.size.width;
    canvas.height = this.size.height;
    const display = canvas.getContext('2d');
    if (display === null) throw new Error('this browser gives no 2d context to a canvas');
    this.#display = display;
    this.#ground = createLayer(this.size);
    this.#aids = { size: this.size, ground: this.#ground.canvas, picture: (blob) => this.#picture(blob) };
    this.#ink = new InkStack(this.#aids);
    this.#moves = moves;
  }

  /** Decodes a picture. Call it before painting marks or a background that refer to the picture. */
  async prepare(blob: Blob): Promise<void> {
    if (this.#pictures.has(blob)) return;
    try {
      this.#pictures.set(blob, await createImageBitmap(blob));
    } catch (error) {
      this.#pictures.set(blob, null);
      throw error;
    }
  }

  /** Whether `prepare` has finished for a picture. */
  isPrepared(blob: Blob): boolean {
    return this.#pictures.has(blob);
  }

  paint(scene: SketchScene): void {
    const { marks, layers = ONE_LAYER, lifted = [], live, activeLayer = 0 } = scene;
    const display = this.#display;
    this.#updateGround(scene);
    // The ground may be transparent.
    display.globalCompositeOperation = 'copy';
    display.drawImage(this.#ground.canvas, 0, 0);
    display.globalCompositeOperation = 'source-over';
    if (lifted.length > 0 && this.#lifted === null) void this.#loadLifted();
    if (lifted.length > 0 && this.#lifted !== null) return this.#lifted.paint(display, { marks, layers, lifted });
    this.#lifted?.forget();
    this.#ink.show(marks, layers);
    this.#ink.paint(display, live && { mark: live, layer: activeLayer });
  }

  /** Without a network the marks move when they are let go. */
  async #loadLifted(): Promise<void> {
    const loaded = await this.#moves?.load().catch(() => null);
    if (!loaded) return;
    this.#lifted ??= loaded.createLiftedPainter(this.#aids);
    this.#moves?.onLoaded();
  }

  /** Marks alone, as a PNG of the sheet's size. */
  picture(marks: readonly Mark[], opacity: number): Promise<Blob> {
    const [ink, all] = [createLayer(this.size), createLayer(this.size)];
    for (const mark of marks) paintMark(ink, mark, this.#aids);
    all.globalAlpha = opacity;
    all.drawImage(ink.canvas, 0, 0);
    return toBlob(all.canvas);
  }

  /** The colour at a point in sketch units, as #rrggbb. */
  colorAt(x: number, y: number): string {
    const pixel = this.#display.getImageData(
      Math.floor(x * this.size.scale),
      Math.floor(y * this.size.scale),
      1,
      1,
    ).data;
    // A sheet without a ground looks white.
    const levels = [...pixel.subarray(0, 3)].map((level) => Math.round(255 + ((level - 255) * pixel[3]!) / 255));
    return `#${levels.map((level) => level.toString(16).padStart(2, '0')).join('')}`;
  }

  #picture(blob: Blob): ImageBitmap | undefined {
    return this.#pictures.get(blob) ?? undefined;
  }

  #updateGround({ ground: own, background, paper = 'model' }: SketchScene): void {
    const picture = background === null ? undefined : this.#picture(background.blob);
    const ground = paper === 'model' ? own : paper;
    const key = `${ground} ${background?.opacity ?? ''} ${picture === undefined ? '' : identity(picture)}`;
    if (key === this.#groundKey) return;
    this.#groundKey = key;
    paintGround(this.#ground, ground);
    this.#ground.globalAlpha = background?.opacity ?? 1;
    paintCover(this.#ground, picture);
    this.#ground.globalAlpha = 1;
    this.#ink.reset();
  }
}

const identities = new WeakMap<object, number>();
let nextIdentity = 1;

/** A number that identifies an object. */
function identity(object: object): number {
  const known = identities.get(object) ?? nextIdentity++;
  identities.set(object, known);
  return known;
}
