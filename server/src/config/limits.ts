import { ROOM_LIMITS } from '@underpaint/shared';

/** Settings without an option: the times and sizes that bound what clients and workers may take. */
export const LIMITS = {
  /** A session without a frame for this long is idle; it may be asked to leave when others wait. */
  idleMs: 60_000,
  /** A session is quiet after this long without a request. */
  quietMs: 800,
  /** Previews start switched on when a picture takes longer than this. */
  previewAboveMs: 250,
  maxFrameBytes: 480 * 1024,
  maxMessageBytes: 512 * 1024,
  maxFramePixels: 1_048_576,
  maxBytesPerSecond: 8 * 1024 * 1024,
  /** Of any kind, valid or not. Somebody who draws sends fewer than 200. */
  maxMessagesPerSecond: 1_000,
  maxBufferedBytes: 64 * 1024,
  /** Of a room's drawing. */
  maxDrawingBytes: ROOM_LIMITS.maxUpdateBytes as number,
  helloTimeoutMs: 10_000,
  heartbeatMs: 15_000,
  /** Longest time from the first to the last byte of a message. */
  messageTimeoutMs: 60_000,
  resumeTtlMs: 120_000,
  /** A worker hangs when a frame has no answer for this long, or for ten times its usual time if that is longer. */
  hangMs: 30_000,
  /** A worker that sends nothing for this long is stopped or hangs. */
  silentMs: 3_000,
  /** Longest time to load a model. */
  loadMs: 1_800_000,
  /** Delay before the first restart of a worker; it doubles up to the longest. */
  restartMs: { first: 250, longest: 10_000 },
};
