import { TokenBucket } from './token-bucket.js';

/** Events of the audit log. */
export type AuditEvent = 'connect' | 'room' | 'refusal' | 'close' | 'operator';

/** Records an event, with the subject and the address that caused it. */
export type Audit = (event: AuditEvent, facts: Readonly<Record<string, unknown>>) => void;

/** A stranger must not fill the disk with refusals. */
const REFUSALS_PER_SECOND = 20;
const REFUSALS_AT_ONCE = 200;

/** For a server without an audit log. */
export const NO_AUDIT: Audit = () => undefined;

/** @param write takes one record @param now clock in ms */
export function createAudit(write: (record: object) => void, now: () => number): Audit {
  const refusals = new TokenBucket({ perSecond: REFUSALS_PER_SECOND, capacity: REFUSALS_AT_ONCE, now });
  let leftOut = 0;
  return (event, facts) => {
    if (event === 'refusal' && !refusals.take(1)) return void (leftOut += 1);
    write({ event, ...facts, ...(leftOut > 0 && { refusalsLeftOut: leftOut }) });
    leftOut = 0;
  };
}
