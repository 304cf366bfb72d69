import { decodeClientMessage, encodeMessage, ProtocolError, type ClientMessage } from '@underpaint/shared';
import fc from 'fast-check';
import { expect, it } from 'vitest';

const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const messages: fc.Arbitrary<ClientMessage> = fc.oneof(
  fc.record({ type: fc.constant('hello' as const), token: fc.string(), resume: fc.string() }),
  fc.record({
    type: fc.constant('frame' as const),
    seq: uint32,
    data: fc.uint8Array({ maxLength: 300 }),
    // MessagePack writes -0 as the integer 0.
    at: fc.double({ noNaN: true, noDefaultInfinity: true }).map((at) => at + 0),
  }),
  fc.record({ type: fc.constant('ack' as const), id: uint32 }),
  fc.record({ type: fc.constant('params' as const), params: fc.record({ prompt: fc.string(), seed: uint32 }) }),
);

/** Either a message or a ProtocolError, and nothing that takes long. */
function decodes(bytes: Uint8Array): void {
  const startedMs = performance.now();
  try {
    decodeClientMessage(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError);
  }
  expect(performance.now() - startedMs).toBeLessThan(250);
}

it('reads back whatever it wrote', () => {
  fc.assert(
    fc.property(messages, (message) => {
      const read = decodeClientMessage(encodeMessage(message));
      if (read.type === 'frame') expect({ ...read, data: Uint8Array.from(read.data) }).toEqual(message);
      else expect(read).toEqual(message);
    }),
    { numRuns: 2_000 },
  );
});

it('takes any bytes', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), decodes), { numRuns: 20_000 });
});

it('takes messages with bytes changed, removed or added', () => {
  const edit = fc.record({ at: fc.nat(400), remove: fc.nat(3), insert: fc.uint8Array({ maxLength: 3 }) });
  fc.assert(
    fc.property(messages, fc.array(edit, { minLength: 1, maxLength: 4 }), (message, edits) => {
      const bytes = [...encodeMessage(message)];
      for (const { at, remove, insert } of edits) bytes.splice(at % bytes.length, remove, ...insert);
      decodes(Uint8Array.from(bytes));
    }),
    { numRuns: 20_000 },
  );
});
