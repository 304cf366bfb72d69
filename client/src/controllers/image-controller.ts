import type { StreamClient } from '../stream/stream-client.js';
import type { StreamImageEvent } from '../stream/stream-events.js';
import type { AttachedHost } from './attached-controller.js';
import { ClientController } from './client-controller.js';

interface ImageHost extends AttachedHost {
  readonly client: StreamClient | null;
}

interface ImageOptions {
  readonly canvas: () => HTMLCanvasElement | null;
  /** Called after each image was put on the canvas. */
  readonly onImage: () => void;
}

/** Puts the client's images on a canvas. An image that is decoded after a newer one arrived is skipped. */
export class ImageController {
  readonly #host: ImageHost;
  readonly #options: ImageOptions;
  #newest = 0;
  #latest: StreamImageEvent | null = null;

  constructor(host: ImageHost, options: ImageOptions) {
    this.#host = host;
    this.#options = options;
    new ClientController(host, { image: (event) => event.waitUntil(this.#show(event, ++this.#newest)) });
  }

  /** The image on the canvas; null before the first. */
  get latest(): StreamImageEvent | null {
    return this.#latest;
  }

  async #show(event: StreamImageEvent, turn: number): Promise<void> {
    const bitmap = await createImageBitmap(event.blob);
    const canvas = this.#options.canvas();
    if (turn === this.#newest && canvas !== null) {
      paint(canvas, bitmap);
      if (this.#latest === null || this.#latest.image.flagged !== event.image.flagged) this.#host.requestUpdate();
      this.#latest = event;
      this.#options.onImage();
    }
    bitmap.close();
  }
}

function paint(canvas: HTMLCanvasElement, bitmap: ImageBitmap): void {
  if (canvas.width !== bitmap.width) canvas.width = bitmap.width;
  if (canvas.height !== bitmap.height) canvas.height = bitmap.height;
  canvas.getContext('2d', { alpha: false })?.drawImage(bitmap, 0, 0);
}
