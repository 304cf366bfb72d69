import type { ClientMessage, DrawingMessage } from '@underpaint/shared';
import fc from 'fast-check';

const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const seq = fc.oneof(fc.nat(30), uint32);

/** Messages that a client may send, unusual ones included. */
export const messages: fc.Arbitrary<ClientMessage> = fc.oneof(
  fc.record({ type: fc.constant('hello' as const), token: fc.string(), resume: fc.string() }),
  fc.record({
    type: fc.constant('frame' as const),
    seq,
    data: fc.uint8Array({ maxLength: 300 }),
    // MessagePack writes -0 as the integer 0.
    at: fc.double({ noNaN: true, noDefaultInfinity: true }).map((at) => at + 0),
  }),
  fc.record({ type: fc.constant('ack' as const), id: seq }),
  fc.record({ type: fc.constant('params' as const), params: fc.record({ prompt: fc.string(), seed: uint32 }) }),
  fc.record({
    type: fc.constant('drawing' as const),
    kind: fc.constantFrom<DrawingMessage['kind'][]>('vector', 'state', 'update'),
    data: fc.uint8Array({ maxLength: 60 }),
  }),
  fc.record({ type: fc.constant('presence' as const), data: fc.uint8Array({ maxLength: 60 }) }),
  fc.record({ type: fc.constant('role' as const), locked: fc.boolean() }),
);
