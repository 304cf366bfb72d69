import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { StreamClient } from '../stream/stream-client.js';
import type { StreamImageEvent } from '../stream/stream-events.js';
import { ClientController } from './client-controller.js';

interface ImageHost extends ReactiveControllerHost {
  readonly client: StreamClient | null;
  readonly canvas: HTMLCanvasElement | null;
}

/** Puts the client's images on the host's canvas, newest first: one that is decoded too late is skipped. */
export class ImageController implements ReactiveController {
  readonly #host: ImageHost;
  readonly #shown: () => void;
  #newest = 0;
  #latest: StreamImageEvent | null = null;

  /** @param shown called after each image put on the canvas */
  constructor(host: ImageHost, shown: () => void) {
    this.#host = host;
    this.#shown = shown;
    host.addController(this);
    new ClientController(host, ['image'], (event) => this.#clientOnImage(event as StreamImageEvent));
  }

  hostConnected(): void {}

  /** The image on the canvas; null before the first. */
  get latest(): StreamImageEvent | null {
    return this.#latest;
  }

  #clientOnImage(event: StreamImageEvent): void {
    event.waitUntil(this.#show(event, ++this.#newest));
  }

  async #show(event: StreamImageEvent, turn: number): Promise<void> {
    const bitmap = await createImageBitmap(event.blob);
    const canvas = this.#host.canvas;
    if (turn === this.#newest && canvas !== null) {
      paint(canvas, bitmap);
      if (this.#latest === null || this.#latest.image.flagged !== event.image.flagged) this.#host.requestUpdate();
      this.#latest = event;
      this.#shown();
    }
    bitmap.close();
  }
}

function paint(canvas: HTMLCanvasElement, bitmap: ImageBitmap): void {
  if (canvas.width !== bitmap.width) canvas.width = bitmap.width;
  if (canvas.height !== bitmap.height) canvas.height = bitmap.height;
  canvas.getContext('2d', { alpha: false })?.drawImage(bitmap, 0, 0);
}
