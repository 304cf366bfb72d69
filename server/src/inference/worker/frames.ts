import { FrameError } from '../../errors.js';
import type { RenderRequest, ServedModel } from '../contract.js';
import type { FromDevice, FromWorker, ToDevice } from '../messages.js';
import { fingerprintOf, similarityOf } from './fingerprint.js';
import { decodeImage, encodeJpeg } from './image.js';

export interface FramesOptions {
  /** Pixels of a frame at most, before scaling. */
  readonly maxPixels: number;
  readonly toGateway: (message: FromWorker) => void;
  readonly toDevice: (message: ToDevice, transfer?: ArrayBuffer[]) => void;
}

interface Frame {
  readonly request: RenderRequest;
  decodeMs: number;
  fingerprint: Uint8Array | undefined;
  cancelled: boolean;
  /** Resolves when all its images so far are encoded and sent: the final one must not overtake a preview. */
  encoded: Promise<void>;
}

type Pixels = Extract<FromDevice, { type: 'pixels' }>;

/** The frames of a worker, from their JPEG bytes to pixels for the device, and from its pixels to JPEG bytes. */
export class Frames {
  /** Set when the device is ready, before the first frame arrives. */
  model: ServedModel | undefined;
  readonly #options: FramesOptions;
  readonly #frames = new Map<number, Frame>();
  readonly #encoding = new Set<Promise<void>>();

  constructor(options: FramesOptions) {
    this.#options = options;
  }

  /** Decodes a frame and hands it to the device, unless it is bad, cancelled, or similar to the one on screen. */
  async render(id: number, request: RenderRequest): Promise<void> {
    const frame = { request, decodeMs: 0, fingerprint: undefined, cancelled: false, encoded: Promise.resolve() };
    this.#frames.set(id, frame);
    const pixels = await this.#decode(id, frame);
    if (pixels) {
      const { params, steps, background } = request;
      const message = { type: 'row', id, request: { params, steps, background }, pixels } as const;
      return this.#options.toDevice(message, [pixels.buffer]);
    }
    this.#frames.delete(id);
    if (!request.background) this.#options.toDevice({ type: 'forgo' });
  }

  cancel(id: number): void {
    const frame = this.#frames.get(id);
    if (!frame) return;
    frame.cancelled = true;
    this.#options.toDevice({ type: 'cancel', id });
  }

  /** Forgets a frame that will have no image. */
  forget(id: number): void {
    this.#frames.delete(id);
  }

  encode(message: Pixels): void {
    const work = this.#encode(message);
    this.#encoding.add(work);
    void work.finally(() => this.#encoding.delete(work));
  }

  /** Resolves when all images are encoded and sent. */
  async flushed(): Promise<void> {
    await Promise.all(this.#encoding);
  }

  /** @returns undefined when the frame will not run; the gateway has been told why */
  async #decode(id: number, frame: Frame): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { data, params, background } = frame.request;
    const startedMs = performance.now();
    try {
      const pixels = await decodeImage(data, { ...this.model!, maxPixels: this.#options.maxPixels });
      if (params.similarity < 1 && !background) frame.fingerprint = fingerprintOf(pixels, this.model!);
      this.#reportDecoded(id, frame, startedMs);
      if (!frame.cancelled && !isUnchanged(frame)) return pixels;
      this.#options.toGateway({ type: 'no-image', id, why: frame.cancelled ? 'cancelled' : 'unchanged' });
    } catch (error) {
      this.#reportDecoded(id, frame, startedMs);
      const { code, message } = error instanceof FrameError ? error : new FrameError('bad-image', String(error));
      this.#options.toGateway({ type: 'error', id, code, message, retryable: false });
    }
    return undefined;
  }

  #reportDecoded(id: number, frame: Frame, startedMs: number): void {
    frame.decodeMs = performance.now() - startedMs;
    this.#options.toGateway({ type: 'decoded', id, ms: frame.decodeMs });
  }

  #encode({ id, pixels, flagged, step, steps, inferMs }: Pixels): Promise<void> {
    const { width, height } = this.model!;
    const frame = this.#frames.get(id)!;
    const final = step === steps;
    if (final) this.#frames.delete(id);
    const { encoded, decodeMs, fingerprint, request } = frame;
    const startedMs = performance.now();
    const job = encodeJpeg(pixels, { width, height, quality: request.params.quality, blurred: flagged });
    frame.encoded = Promise.all([job, encoded]).then(([data]) => {
      const timing = { decodeMs, inferMs, encodeMs: performance.now() - startedMs };
      const image = { data, width, height, step, steps, flagged, timing, fingerprint };
      this.#options.toGateway({ type: 'image', id, final, image });
    });
    return frame.encoded;
  }
}

/** Whether a frame is at least as similar to the one on screen as its session asks for. */
function isUnchanged({ request, fingerprint }: Frame): boolean {
  const { shown, params } = request;
  return shown !== undefined && fingerprint !== undefined && similarityOf(shown, fingerprint) >= params.similarity;
}
