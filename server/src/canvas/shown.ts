import type { RenderedImage } from '../inference/contract.js';
import type { OutgoingImage, ReceivedFrame } from './frames.js';

/**
 * The record of what the readers of a canvas see: the last final image, the frame that it stands for, and whether a
 * newer preview is on the screen instead.
 */
export class Shown {
  #image: OutgoingImage | undefined;
  /** The newest frame that the image stands for; none while nobody watches. */
  #frame: ReceivedFrame | undefined;
  #fingerprint: Uint8Array | undefined;
  #isPreviewed = false;

  /** @param saved an image from an earlier life of the canvas; its frame is no longer known */
  constructor(saved?: RenderedImage) {
    if (saved) this.#image = imageOfNobody(saved);
  }

  /** The last final image. */
  get image(): OutgoingImage | undefined {
    return this.#image;
  }

  /** The frame that the image stands for, if the image is on the screen and has these parameters. */
  frameAt(version: number): ReceivedFrame | undefined {
    return this.#isCurrent(version) ? this.#frame : undefined;
  }

  /** The fingerprint of that frame. */
  fingerprintAt(version: number): Uint8Array | undefined {
    return this.#isCurrent(version) ? this.#fingerprint : undefined;
  }

  /** Whether the last image is the newest that was seen: after a preview it would be a step back. */
  get isImageNewest(): boolean {
    return this.#image !== undefined && !this.#isPreviewed;
  }

  #isCurrent(version: number): boolean {
    return this.isImageNewest && this.#image!.asked.version === version;
  }

  /** A preview of a newer frame or of newer parameters is on the screen. */
  showPreview(): void {
    this.#isPreviewed = true;
  }

  show(image: OutgoingImage, frame: ReceivedFrame): void {
    const { fingerprint } = image.rendered;
    // A refinement is rendered without one; it shows the same frame.
    this.#fingerprint = fingerprint ?? (image.asked.reason === 'refine' ? this.#fingerprint : undefined);
    this.#image = image;
    this.#frame = frame;
    this.#isPreviewed = false;
  }

  /** The image stands for this frame too: it looks the same. */
  standFor(frame: ReceivedFrame): void {
    this.#frame = frame;
  }

  /** Nobody watches any more. The image is kept, to be shown again. */
  leaveFrame(): void {
    this.#frame = undefined;
    this.#fingerprint = undefined;
  }
}

function imageOfNobody(rendered: RenderedImage): OutgoingImage {
  const frame = { number: 0, seq: 0, at: undefined, member: 0 };
  return { asked: { frame, reason: 'frame', version: 0, askedMs: 0, queueMs: 0 }, rendered, final: true };
}
