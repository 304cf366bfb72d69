import { ROOM_LIMITS } from '@underpaint/shared';
import { TokenBucket } from '../token-bucket.js';

/** A message to a room costs as often as there are members. Nobody draws so fast. */
export const MESSAGES_PER_SECOND = 100;
const MESSAGES_AT_ONCE = 400;
/** Comparisons for merging the changes of one member: a tenth of a core. A stroke takes a few, or thousands in a full room. */
const STEPS_PER_SECOND = 400_000;
const STEPS_AT_ONCE = 1_000_000;
/** A client asks for the drawing once per connection. */
const VECTORS_PER_SECOND = 2;
const VECTORS_AT_ONCE = 10;
/** Bytes of the drawing in answers to one member. */
const ANSWER_BYTES_PER_SECOND = 1024 * 1024;
const ANSWER_BYTES_AT_ONCE = 4 * ROOM_LIMITS.maxUpdateBytes;

/** The rates of one member. */
export class MemberLimits {
  /** Messages `drawing`, `role` and `params`. */
  readonly messages: TokenBucket;
  /** Comparisons while merging. */
  readonly steps: TokenBucket;
  readonly vectors: TokenBucket;
  readonly answerBytes: TokenBucket;

  constructor(now: () => number) {
    const bucket = (perSecond: number, capacity: number) => new TokenBucket({ perSecond, capacity, now });
    this.messages = bucket(MESSAGES_PER_SECOND, MESSAGES_AT_ONCE);
    this.steps = bucket(STEPS_PER_SECOND, STEPS_AT_ONCE);
    this.vectors = bucket(VECTORS_PER_SECOND, VECTORS_AT_ONCE);
    this.answerBytes = bucket(ANSWER_BYTES_PER_SECOND, ANSWER_BYTES_AT_ONCE);
  }
}
