import { createContext, toBlob, type HiddenCanvas, type HiddenContext } from '../canvas.js';

/** Where frames come from. The stream asks for a picture at the moment it may send one. */
export interface PictureSource {
  /** Encodes the current picture as JPEG, PNG or WebP, preferably at this size. Null if there is nothing to send. */
  capture(size: FrameSize): Promise<Uint8Array | null>;
  /** Reports every change until the returned function is called. Without it, call `StreamClient.changed()`. */
  subscribe?(changed: () => void): () => void;
}

export interface FrameSize {
  readonly width: number;
  readonly height: number;
}

export type Drawable = HTMLCanvasElement | OffscreenCanvas | HTMLVideoElement | HTMLImageElement | ImageBitmap;

const JPEG_QUALITY = 0.9;

/** A canvas, video or image as a source: cropped about its centre to the model's shape, scaled to its size, as JPEG. */
export function pictureSource(drawable: Drawable, options: { readonly mirrored?: () => boolean } = {}): PictureSource {
  const scaler = new Scaler();
  const source: PictureSource = { capture: (size) => scaler.encode(drawable, size, options.mirrored?.() ?? false) };
  if (!(drawable instanceof HTMLVideoElement)) return source;
  return { ...source, subscribe: (changed) => followVideo(drawable, changed) };
}

/** A source whose canvas or video does not exist yet. */
export function deferredSource(ready: () => Promise<PictureSource>): PictureSource {
  return {
    capture: async (size) => (await ready()).capture(size),
    subscribe: (changed) => {
      let isStopped = false;
      let stop: (() => void) | undefined;
      void ready().then((source) => {
        if (!isStopped) stop = source.subscribe?.(changed);
      });
      return () => {
        isStopped = true;
        stop?.();
      };
    },
  };
}

class Scaler {
  #context: HiddenContext | null = null;

  async encode(drawable: Drawable, size: FrameSize, mirrored: boolean): Promise<Uint8Array | null> {
    const from = naturalSize(drawable);
    if (from.width === 0 || from.height === 0) return null;
    this.#context ??= createContext(size.width, size.height, { alpha: false, willReadFrequently: true });
    const canvas: HiddenCanvas = this.#context.canvas;
    if (canvas.width !== size.width) canvas.width = size.width;
    if (canvas.height !== size.height) canvas.height = size.height;
    drawCover(this.#context, drawable, { ...from, mirrored });
    const blob = await toBlob(canvas, 'image/jpeg', JPEG_QUALITY);
    return new Uint8Array(await blob.arrayBuffer());
  }
}

function drawCover(context: HiddenContext, drawable: Drawable, from: FrameSize & { readonly mirrored: boolean }): void {
  const { canvas } = context;
  const scale = Math.max(canvas.width / from.width, canvas.height / from.height);
  const width = from.width * scale;
  const height = from.height * scale;
  context.resetTransform();
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = 'high';
  context.setTransform(from.mirrored ? -1 : 1, 0, 0, 1, from.mirrored ? canvas.width : 0, 0);
  context.drawImage(drawable, (canvas.width - width) / 2, (canvas.height - height) / 2, width, height);
}

function naturalSize(drawable: Drawable): FrameSize {
  if (drawable instanceof HTMLVideoElement) return { width: drawable.videoWidth, height: drawable.videoHeight };
  if (drawable instanceof HTMLImageElement) return { width: drawable.naturalWidth, height: drawable.naturalHeight };
  return { width: drawable.width, height: drawable.height };
}

function followVideo(video: HTMLVideoElement, changed: () => void): () => void {
  let handle = video.requestVideoFrameCallback(function next() {
    changed();
    handle = video.requestVideoFrameCallback(next);
  });
  return () => video.cancelVideoFrameCallback(handle);
}
