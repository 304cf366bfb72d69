import type { CheckedKind, Definitions } from './definition.js';

/** `replaced`: by a newer frame; `unchanged`: the current image already shows it; `stopping`: the server stops. */
export const DROP_REASONS = ['replaced', 'unchanged', 'stopping'] as const;

/** `frame`: a new frame; `params`: new parameters for the last frame; `refine`: the canvas was quiet. */
export const IMAGE_REASONS = ['frame', 'params', 'refine'] as const;

export const ERROR_CODES = [
  'bad-image',
  'image-too-large',
  'bad-params',
  /** The site does not want these words. */
  'prompt-refused',
  'worker-failed',
  /** The role does not allow it, or the room is locked. */
  'forbidden',
  /** The drawing of the room has reached its limit. */
  'drawing-full',
] as const;

/** Milliseconds. */
const TIMING = {
  fields: {
    queueMs: 'number',
    decodeMs: 'number',
    inferMs: 'number',
    encodeMs: 'number',
    /** From the last byte of the frame received to the first byte of the image sent. */
    serverMs: 'number',
  },
} as const;

export const FROM_CLIENT = {
  /** A sketch or a webcam picture, as JPEG, PNG or WebP. It replaces an older frame that still waits. */
  frame: {
    fields: { seq: 'uint32', data: 'binary' },
    optional: {
      /** The client's clock in ms, echoed with the image. */
      at: 'number',
      /** In a room: how many payloads of the drawing the picture shows, of those received on this connection. */
      drawn: 'uint32',
      /** W3C Trace Context, to continue a trace of the client. */
      traceparent: 'text',
      /** In a room: the picture shows a camera and not the drawing. Only the presenter may send these. */
      camera: 'boolean',
    },
  },
  /** The image `id`, and every image before it, was shown or skipped for a newer one. */
  ack: {
    fields: { id: 'uint32' },
  },
} as const satisfies Definitions<CheckedKind>;

export const FROM_SERVER = {
  /** A JPEG. `final` false is a preview; `flagged` means that the safety checker had it blurred. */
  image: {
    fields: {
      id: 'uint32',
      seq: 'uint32',
      reason: { oneOf: IMAGE_REASONS },
      step: 'uint32',
      steps: 'uint32',
      final: 'boolean',
      /** Of the parameters. */
      version: 'uint32',
      data: 'binary',
      width: 'uint32',
      height: 'uint32',
      timing: TIMING,
    },
    optional: {
      /** As the frame had it. */
      at: 'number',
      flagged: { oneOf: [true] },
      /**
       * In a room: whose frame it shows. If that is another member, `seq` repeats the receiver's own last image and ends
       * no frame.
       */
      member: 'uint32',
    },
  },
  /** A frame that will not be run. */
  dropped: {
    fields: { seq: 'uint32', reason: { oneOf: DROP_REASONS } },
  },
  /** One frame (`seq`) or message failed, and nothing else. */
  error: {
    fields: { code: { oneOf: ERROR_CODES }, message: 'text', retryable: 'boolean' },
    optional: { seq: 'uint32' },
  },
} as const satisfies Definitions;
