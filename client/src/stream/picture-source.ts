/** Where frames come from. The stream asks for the picture when it may send one. */
export interface FrameSource {
  /** The picture now, encoded as JPEG, PNG or WebP, best at this size; null when there is nothing to send. */
  capture(size: FrameSize): Promise<Uint8Array | null>;
  /** Tells of every change until the returned function is called. A source without it is followed by `StreamClient.changed()`. */
  subscribe?(changed: () => void): () => void;
}

export interface FrameSize {
  readonly width: number;
  readonly height: number;
}

export type Drawable = HTMLCanvasElement | OffscreenCanvas | HTMLVideoElement | HTMLImageElement | ImageBitmap;

const JPEG_QUALITY = 0.9;

/** Makes any canvas, video or image a source: cropped about its centre to the model's shape, scaled to its size, as JPEG. */
export function pictureSource(drawable: Drawable): FrameSource {
  const scaler = new Scaler();
  const source: FrameSource = { capture: (size) => scaler.encode(drawable, size) };
  if (!(drawable instanceof HTMLVideoElement)) return source;
  return { ...source, subscribe: (changed) => followVideo(drawable, changed) };
}

class Scaler {
  #canvas: OffscreenCanvas | null = null;

  async encode(drawable: Drawable, size: FrameSize): Promise<Uint8Array | null> {
    const from = naturalSize(drawable);
    if (from.width === 0 || from.height === 0) return null;
    this.#canvas ??= new OffscreenCanvas(size.width, size.height);
    if (this.#canvas.width !== size.width) this.#canvas.width = size.width;
    if (this.#canvas.height !== size.height) this.#canvas.height = size.height;
    drawCover(this.#canvas, drawable, from);
    const blob = await this.#canvas.convertToBlob({ type: 'image/jpeg', quality: JPEG_QUALITY });
    return new Uint8Array(await blob.arrayBuffer());
  }
}

function drawCover(canvas: OffscreenCanvas, drawable: Drawable, from: FrameSize): void {
  const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
  if (context === null) throw new Error('this browser gives no 2d context to an OffscreenCanvas');
  const scale = Math.max(canvas.width / from.width, canvas.height / from.height);
  const width = from.width * scale;
  const height = from.height * scale;
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(drawable, (canvas.width - width) / 2, (canvas.height - height) / 2, width, height);
}

function naturalSize(drawable: Drawable): FrameSize {
  if (drawable instanceof HTMLVideoElement) return { width: drawable.videoWidth, height: drawable.videoHeight };
  if (drawable instanceof HTMLImageElement) return { width: drawable.naturalWidth, height: drawable.naturalHeight };
  return drawable;
}

function followVideo(video: HTMLVideoElement, changed: () => void): () => void {
  let handle = video.requestVideoFrameCallback(function next() {
    changed();
    handle = video.requestVideoFrameCallback(next);
  });
  return () => video.cancelVideoFrameCallback(handle);
}
