import * as v from 'valibot';
import type { Grant } from './grant.js';
import { TokenError } from './token-error.js';

/** Longest session of a token, s: 14 days. A timer of Node holds no more than 24. */
const MAX_SESSION_S = 1_209_600;
const MAX_SUBJECT_CHARS = 256;
const MAX_ROOMS = 1_000;

/**
 * The claim `underpaint`. A part that is missing restricts nothing, except that `operator` must be given. An unknown part
 * may be a misspelt restriction, so it is refused.
 */
const RIGHTS = v.strictObject({
  session: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(MAX_SESSION_S))),
  can: v.optional(v.picklist(['draw', 'watch'])),
  make: v.optional(v.boolean()),
  rooms: v.optional(v.pipe(v.array(v.string()), v.maxLength(MAX_ROOMS))),
  fps: v.optional(v.pipe(v.number(), v.minValue(0.1), v.maxValue(1_000))),
  sessions: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000))),
  weight: v.optional(v.pipe(v.number(), v.minValue(0.01), v.maxValue(100))),
  operator: v.optional(v.boolean()),
});

/** Further claims, as `iss` or those of an identity provider, are not looked at. */
const CLAIMS = v.object({
  sub: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_SUBJECT_CHARS)),
  underpaint: v.optional(RIGHTS, {}),
});

/** The claim `underpaint` of a token. */
export type Rights = v.InferInput<typeof RIGHTS>;

/**
 * Reads the claims of a token whose signature and times have been checked.
 *
 * @throws TokenError
 */
export function readClaims(payload: unknown): Grant {
  const read = v.safeParse(CLAIMS, payload, { abortEarly: true });
  if (!read.success) {
    throw new TokenError(
      `the token's claim ${v.getDotPath(read.issues[0]) ?? 'underpaint'} is missing, wrong or not known`,
    );
  }
  const { sub, underpaint } = read.output;
  const { session, can = 'draw', make = true, rooms, fps, sessions, weight, operator } = underpaint;
  return {
    subject: sub,
    sessionMs: session === undefined ? Infinity : 1_000 * session,
    mayDraw: can === 'draw',
    mayMakeRooms: make && can === 'draw',
    rooms: rooms && new Set(rooms),
    framesPerSecond: fps ?? Infinity,
    sessions,
    weight: weight ?? 1,
    isOperator: operator ?? false,
  };
}
