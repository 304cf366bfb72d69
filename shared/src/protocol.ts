/** The WebSocket subprotocol both sides must name. */
export const SUBPROTOCOL = 'underpaint.v1';
/** A polite client has at most this many frames in flight if `welcome` says nothing else. */
export const MAX_FRAMES_IN_FLIGHT = framesInFlight(1);

/** Frames that a client may have in flight: those that run, one that waits, and one on the way. */
export function framesInFlight(running: number): number {
  return Math.max(1, running) + 2;
}

export const CLOSE = Object.freeze({
  goingAway: 1001,
  policy: 1008,
  tooBig: 1009,
  internal: 1011,
  restart: 1012,
  tryAgainLater: 1013,
  protocolError: 4000,
  helloTimeout: 4001,
  /** The token is missing or wrong, or the time that it gave is over. */
  notAuthorised: 4003,
  noSuchRoom: 4004,
  originNotAllowed: 4005,
  /** The owner removed this member. */
  removed: 4006,
  /** The owner lets nobody new into the room. */
  roomClosed: 4007,
  tooSlow: 4008,
  replaced: 4009,
});

/** A client must not reconnect by itself after these: the server would refuse it again, or another tab has taken over. */
export const FINAL_CLOSE_CODES: ReadonlySet<number> = new Set([
  CLOSE.protocolError,
  CLOSE.notAuthorised,
  CLOSE.noSuchRoom,
  CLOSE.originNotAllowed,
  CLOSE.removed,
  CLOSE.roomClosed,
  CLOSE.policy,
  CLOSE.replaced,
]);
