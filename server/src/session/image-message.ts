import type { ImageMessage, Timing } from '@underpaint/shared';
import type { OutgoingImage } from '../canvas/frames.js';

export interface ImageMessageOptions {
  /** Number of the image on its connection. */
  readonly id: number;
  /** Instead of the frame's own `seq`, on an image of somebody else's frame. */
  readonly othersSeq: number | undefined;
  readonly timing: Timing;
}

/** Stages of an image that goes out at `nowMs`, ms. */
export function timingOf({ asked, rendered }: OutgoingImage, nowMs: number): Timing {
  const { decodeMs, inferMs, encodeMs } = rendered.timing;
  return { queueMs: asked.queueMs, decodeMs, inferMs, encodeMs, serverMs: nowMs - asked.askedMs };
}

/** The message that carries an image to one reader. */
export function imageMessage(image: OutgoingImage, { id, othersSeq, timing }: ImageMessageOptions): ImageMessage {
  const { asked, rendered, final } = image;
  const { frame, reason, version } = asked;
  const { data, width, height, step, steps, flagged } = rendered;
  const type = 'image';
  const seq = othersSeq ?? frame.seq;
  const sent = { type, id, seq, reason, step, steps, final, version, data, width, height, timing } as const;
  const seen = frame.member === undefined ? sent : { ...sent, member: frame.member };
  const message = flagged ? { ...seen, flagged } : seen;
  return frame.at === undefined || othersSeq !== undefined ? message : { ...message, at: frame.at };
}
