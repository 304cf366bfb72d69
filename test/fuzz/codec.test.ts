import { decodeClientMessage, encodeMessage, ProtocolError } from '@underpaint/shared';
import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { expect, it } from 'vitest';
import { edited, someEdits } from './edits.js';
import { messages } from './messages.js';
import { tries } from './scale.js';

const MAX_MS = 50;
const TIMEOUT_MS = 1_200_000;

/** Requires a message or a ProtocolError within a bounded time. */
function decodes(bytes: Uint8Array): void {
  const start = process.cpuUsage();
  try {
    decodeClientMessage(bytes);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
  }
  const { user, system } = process.cpuUsage(start);
  if (user + system > 1_000 * MAX_MS) throw new Error(`${(user + system) / 1_000} ms for ${bytes.length} bytes`);
}

it('decodes whatever it encoded', () => {
  fc.assert(
    fc.property(messages, (message) => {
      const read = decodeClientMessage(encodeMessage(message));
      if ('data' in read) expect({ ...read, data: Uint8Array.from(read.data) }).toEqual(message);
      else expect(read).toEqual(message);
    }),
    tries('messages', 100_000),
  );
}, 240_000);

/** Another implementation of the format. */
const packr = new Packr({ useRecords: false, int64AsType: 'number' });

it('writes what another implementation reads, and reads what it writes', () => {
  fc.assert(
    fc.property(messages, (message) => {
      expect(packr.unpack(encodeMessage(message))).toEqual(message);
      expect(decodeClientMessage(Uint8Array.from(packr.pack(message)))).toEqual(message);
    }),
    tries('messages of another implementation', 10_000),
  );
}, 240_000);

it('survives any bytes', { timeout: TIMEOUT_MS }, () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), decodes), tries('times any bytes', 1_000_000));
});

it('survives messages with bytes changed, removed or added', { timeout: TIMEOUT_MS }, () => {
  const property = fc.property(messages, someEdits(1, 4), (message, edits) =>
    decodes(edited(encodeMessage(message), edits)),
  );
  fc.assert(property, tries('mutated messages', 1_000_000));
});
