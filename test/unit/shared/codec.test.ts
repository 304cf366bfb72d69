import {
  decodeClientMessage,
  decodeServerMessage,
  encodeMessage,
  ProtocolError,
  type ClientMessage,
  type ServerMessage,
} from '@underpaint/shared';
import { describe, expect, it } from 'vitest';

function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
}

/** `{type: <name>}` followed by raw bytes for one more entry. */
function message(type: string, rest = '', entries = 1): Uint8Array {
  const name = Buffer.from(type).toString('hex');
  return hex(`8${entries} a474797065 a${type.length.toString(16)}${name} ${rest}`);
}

describe('decodeClientMessage', () => {
  it('reads a frame whose data shares the memory of the message', () => {
    const bytes = encodeMessage({ type: 'frame', seq: 4_000_000_000, data: new Uint8Array([1, 2, 3]), at: 12.5 });
    const frame = decodeClientMessage(bytes);
    expect(frame).toMatchObject({ type: 'frame', seq: 4_000_000_000, at: 12.5 });
    if (frame.type !== 'frame') throw new Error('not a frame');
    expect([...frame.data]).toEqual([1, 2, 3]);
    expect(frame.data.buffer).toBe(bytes.buffer);
  });

  it('reads an ack from the bytes of the MessagePack specification', () => {
    expect(decodeClientMessage(message('ack', 'a26964 cd0102', 2))).toEqual({ type: 'ack', id: 258 });
  });

  it('ignores keys it does not know', () => {
    const bytes = encodeMessage({ type: 'ack', id: 1, later: { deep: [1] } } as ClientMessage);
    expect(decodeClientMessage(bytes)).toEqual({ type: 'ack', id: 1 });
  });

  it('leaves the contents of params to applyParams', () => {
    const bytes = encodeMessage({ type: 'params', params: { strength: NaN } });
    expect(decodeClientMessage(bytes)).toEqual({ type: 'params', params: { strength: NaN } });
  });

  const offences: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['nothing at all', hex(''), /ends in the middle/],
    ['a trailing byte', hex('81 a474797065 a568656c6c6f 00'), /1 bytes after the end/],
    ['a truncated string', hex('81 a474797065 a56865'), /ends in the middle/],
    ['a length that runs past the end', hex('c6 ffffffff'), /ends in the middle/],
    ['an array that claims four billion items', hex('dd ffffffff c0'), /ends in the middle/],
    ['deep nesting', hex('91'.repeat(200) + 'c0'), /nested deeper/],
    ['more values than any message has', hex('dc ffff' + 'c0'.repeat(0xffff)), /more than 4096 values/],
    ['a record extension', hex('d4 72 40'), /format byte 0xd4/],
    ['a timestamp extension', hex('d6 ff 00000000'), /format byte 0xd6/],
    ['the byte that is never used', hex('c1'), /format byte 0xc1/],
    ['a key that is a number', hex('81 01 02'), /map key/],
    ['a key longer than any', hex(`81 d9ff ${'61'.repeat(255)} c0`), /map key/],
    ['an array in place of a map', hex('91 01'), /must be a map/],
    ['binary in place of a map', hex('c4 02 0000'), /must be a map/],
    ['a map without a type', hex('81 a161 01'), /must have a `type`/],
    ['an unknown type', message('nosuch'), /unknown message type "nosuch"/],
    ['a frame without data', message('frame', 'a3736571 01', 2), /data must be binary/],
    ['a seq that is negative', encodeMessage({ type: 'frame', seq: -1, data: new Uint8Array() }), /seq must be/],
    ['a seq that is not whole', encodeMessage({ type: 'frame', seq: 1.5, data: new Uint8Array() }), /seq must be/],
    ['a seq beyond 32 bits', encodeMessage({ type: 'frame', seq: 2 ** 32, data: new Uint8Array() }), /seq must be/],
    ['an id that is not finite', encodeMessage({ type: 'ack', id: NaN }), /id must be/],
    [
      'a time that is not finite',
      encodeMessage({ type: 'frame', seq: 1, data: new Uint8Array(), at: Infinity }),
      /at must/,
    ],
    ['a token that is a number', encodeMessage({ type: 'hello', token: 5 } as unknown as ClientMessage), /hello.token/],
    [
      'a role that does not exist',
      encodeMessage({ type: 'hello', role: 'king' as 'owner' }),
      /hello.role must be one of/,
    ],
    ['presence over its limit', encodeMessage({ type: 'presence', data: new Uint8Array(2_049) }), /at most 2048 bytes/],
    [
      'a presenter that is text',
      encodeMessage({ type: 'role', presenter: 'me' as never }),
      /presenter must be .* or null/,
    ],
  ];
  it.each(offences)('refuses %s', (_name, bytes, reason) => {
    expect(() => decodeClientMessage(bytes)).toThrow(ProtocolError);
    expect(() => decodeClientMessage(bytes)).toThrow(reason);
  });

  it('reads a message with none or all of its optional fields', () => {
    const least: ClientMessage = { type: 'role' };
    const most: ClientMessage = { type: 'role', locked: false, presenter: null };
    for (const message of [least, most]) expect(decodeClientMessage(encodeMessage(message))).toEqual(message);
  });

  it.each(['constructor', '__proto__', 'toString'])('does not take %s for a type', (type) => {
    expect(() => decodeClientMessage(message(type))).toThrow(`unknown message type "${type}"`);
  });

  it('does not let a message reach the prototype of objects', () => {
    const bytes = hex('82 a474797065 a568656c6c6f a95f5f70726f746f5f5f 81 a568656c6c6f c3');
    decodeClientMessage(bytes);
    expect(({} as Record<string, unknown>)['hello']).toBeUndefined();
  });
});

describe('decodeServerMessage', () => {
  it('ignores types from a later version', () => {
    expect(decodeServerMessage(encodeMessage({ type: 'later' } as unknown as ServerMessage))).toBeNull();
  });

  it('refuses text in place of binary', () => {
    const drawing = { type: 'drawing', kind: 'state', data: 'text' } as unknown as ServerMessage;
    expect(() => decodeServerMessage(encodeMessage(drawing))).toThrow(/data must be binary/);
  });

  it('takes words from a later version', () => {
    const dropped = { type: 'dropped', seq: 7, reason: 'later' } as unknown as ServerMessage;
    expect(decodeServerMessage(encodeMessage(dropped))).toEqual(dropped);
  });

  it('reads what the server writes', () => {
    const dropped: ServerMessage = { type: 'dropped', seq: 7, reason: 'replaced' };
    expect(decodeServerMessage(encodeMessage(dropped))).toEqual(dropped);
  });
});
