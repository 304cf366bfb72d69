import type { HiddenCanvas, HiddenContext } from '../canvas.js';
import type { DrawingState } from './drawing.js';
import { paintGround, type Ground } from './ground.js';
import { InkLayer } from './ink-layer.js';
import type { Mark } from './marks.js';
import { paintCover, paintMark, type PaintAids } from './paint-mark.js';
import { createLayer, rasterSize, type RasterSize } from './raster.js';

/** Everything that the look of a sketch depends on. */
export interface SketchScene extends DrawingState {
  /** The mark under the pen. */
  readonly live: Mark | null;
  readonly ground: Ground;
}

/** Paints ground, ink and the mark under the pen on one canvas. The person and the model see this canvas. */
export class SketchSurface {
  readonly size: RasterSize;
  readonly #display: CanvasRenderingContext2D;
  readonly #ground: HiddenContext;
  readonly #scratch: HiddenContext;
  readonly #ink: InkLayer;
  readonly #aids: PaintAids;
  /** Null for a picture that cannot be decoded: it is left out. */
  readonly #pictures = new WeakMap<Blob, ImageBitmap | null>();
  #groundKey = '';

  /** @param shape the model's picture, of which the ratio counts */
  constructor(canvas: HTMLCanvasElement, shape: { readonly width: number; readonly height: number }) {
    this.size = rasterSize(shape);
    canvas.width = this.size.width;
    canvas.height = this.size.height;
    const display = canvas.getContext('2d', { alpha: false });
    if (display === null) throw new Error('this browser gives no 2d context to a canvas');
    this.#display = display;
    this.#ground = createLayer(this.size);
    this.#scratch = createLayer(this.size);
    this.#aids = { size: this.size, ground: this.#ground.canvas, picture: (blob) => this.#picture(blob) };
    this.#ink = new InkLayer(this.#aids);
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
    this.#updateGround(scene);
    this.#ink.show(scene.marks);
    this.#display.drawImage(this.#ground.canvas, 0, 0);
    this.#display.drawImage(scene.live === null ? this.#ink.canvas : this.#withLive(scene.live), 0, 0);
  }

  /** The colour at a point in sketch units, as #rrggbb. */
  colorAt(x: number, y: number): string {
    const pixel = this.#display.getImageData(
      Math.floor(x * this.size.scale),
      Math.floor(y * this.size.scale),
      1,
      1,
    ).data;
    return `#${[...pixel.subarray(0, 3)].map((level) => level.toString(16).padStart(2, '0')).join('')}`;
  }

  /** An eraser must see the ink alone, so the live mark is painted on a copy of it. */
  #withLive(live: Mark): HiddenCanvas {
    this.#scratch.globalCompositeOperation = 'copy';
    this.#scratch.drawImage(this.#ink.canvas, 0, 0);
    this.#scratch.globalCompositeOperation = 'source-over';
    paintMark(this.#scratch, live, { ...this.#aids, finished: false });
    return this.#scratch.canvas;
  }

  #picture(blob: Blob): ImageBitmap | undefined {
    return this.#pictures.get(blob) ?? undefined;
  }

  #updateGround({ ground, background }: SketchScene): void {
    const picture = background === null ? undefined : this.#picture(background.blob);
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
