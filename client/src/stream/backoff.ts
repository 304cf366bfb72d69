const BASE_MS = 500;
const CAP_MS = 15_000;

/**
 * How long to wait before the next try: "full jitter", uniformly random below a bound that doubles with every failure.
 * After a restart of the server its clients reconnect spread out over time instead of all at once.
 * Source: M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
 *
 * @param attempt failures so far, from 0
 * @returns milliseconds, in [0, min(15 000, 500 x 2^attempt))
 */
export function fullJitterMs(attempt: number, random: () => number = Math.random): number {
  return random() * Math.min(CAP_MS, BASE_MS * 2 ** attempt);
}
