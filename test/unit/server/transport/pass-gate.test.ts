import { encodeMessage, type ClientMessage, type ServerMessage } from '@underpaint/shared';
import { expect, it } from 'vitest';
import { PassGate } from '../../../../server/src/transport/relay/pass-gate.js';

const WELCOME = encodeMessage({ type: 'welcome', protocol: 1, lastSeq: 0 } as unknown as ServerMessage);
const OTHER = encodeMessage({ type: 'bye', code: 1012 });

const MESSAGES: readonly ClientMessage[] = [
  { type: 'frame', seq: 9, data: Uint8Array.of(1) },
  { type: 'ack', id: 9 },
  { type: 'drawing', kind: 'update', data: Uint8Array.of(1) },
  { type: 'params', params: { seed: 2 } },
];
const VECTOR = encodeMessage({ type: 'drawing', kind: 'vector', data: Uint8Array.of(0) });

it('keeps what a client said to a server that is gone from the next one', () => {
  const gate = new PassGate();
  const passing = () => MESSAGES.filter((message) => gate.passes(encodeMessage(message))).map(({ type }) => type);
  const all = ['frame', 'ack', 'drawing', 'params'];
  expect(passing()).toEqual(all);
  gate.shut();
  expect([passing(), gate.passes(VECTOR)]).toEqual([[], false]);
  gate.handleFromServer(OTHER);
  expect(passing()).toEqual([]);
  gate.handleFromServer(WELCOME);
  expect(passing()).toEqual(['params']);
  expect(gate.passes(VECTOR)).toBe(true);
  expect(passing()).toEqual(all);
});
