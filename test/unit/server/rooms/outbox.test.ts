import { splitDrawing, type ServerMessage } from '@underpaint/shared';
import { beforeEach, expect, it } from 'vitest';
import * as Y from 'yjs';
import { Drawing } from '../../../../server/src/rooms/drawing/drawing.js';
import { Outbox } from '../../../../server/src/rooms/outbox.js';
import { Presence, readPresence } from '../../../../server/src/rooms/presence.js';
import { presence as update } from '../../../helpers/room-client.js';

let sent: ServerMessage[];
let flush: () => void;
let outbox: Outbox;
let drawing: Drawing;
let author: Y.Doc;
const presence = new Presence({ now: () => 0, guard: (work) => work(), tell: () => undefined });
beforeEach(() => {
  sent = [];
  const sendBulk = (message: ServerMessage, onFlushed: () => void) => {
    sent.push(message);
    flush = onFlushed;
  };
  drawing = new Drawing({
    maxBytes: 1e6,
    now: () => 0,
    onChange: ({ update, before }) => outbox.sendChange(splitDrawing('update', update), before),
  });
  outbox = new Outbox({ channel: { sendBulk }, drawing, presence });
  author = new Y.Doc();
  author.on('update', (bytes: Uint8Array) => drawing.apply(bytes, author));
});

const draw = (text: string) => author.getArray('marks').push([new TextEncoder().encode(text)]);

/** The marks in everything that was sent. */
function read(): unknown[] {
  const doc = new Y.Doc();
  for (const message of sent) if (message.type === 'drawing') Y.applyUpdate(doc, message.data);
  return doc.getArray<Uint8Array>('marks').map((bytes) => new TextDecoder().decode(bytes));
}

it('sends nothing before the reader asks for the drawing', () => {
  draw('a');
  expect(sent).toEqual([]);
  outbox.sendState(new Map());
  expect(read()).toEqual(['a']);
});

it('sends each change at once to a fast reader', () => {
  outbox.sendState(new Map());
  for (const value of ['a', 'b', 'c']) {
    flush();
    draw(value);
  }
  expect(sent).toHaveLength(4);
  expect(read()).toEqual(['a', 'b', 'c']);
  expect(outbox.hasAllWith(4)).toBe(true);
  expect(outbox.hasAllWith(3)).toBe(false);
});

it('queues nothing for a slow reader, and sends everything in one payload', () => {
  outbox.sendState(new Map());
  for (let i = 0; i < 1_000; i++) draw(`${i}`);
  expect(sent).toHaveLength(1);
  expect(outbox.hasAllWith(1)).toBe(false);
  flush();
  expect(sent).toHaveLength(2);
  expect(read()).toHaveLength(1_000);
  expect(outbox.hasAllWith(2)).toBe(true);
});

it('queues nothing for a reader that asks again and again and does not read', () => {
  draw('a'.repeat(10_000));
  for (let i = 0; i < 1_000; i++) {
    outbox.sendState(new Map());
    outbox.askState();
  }
  flush();
  flush();
  flush();
  flush();
  expect(sent.map((message) => message.type === 'drawing' && message.kind)).toEqual(['state', 'vector', 'state']);
  expect(outbox.hasAllWith(2)).toBe(true);
});

it('sends the latest presence after the drawing', () => {
  outbox.sendState(new Map());
  for (const at of [1, 2, 3]) {
    presence.set(7, readPresence(update(7, at, { at })).entry);
    outbox.sendPresence(presence.messageOf([7])!, new Set([7]));
  }
  draw('a');
  flush();
  expect(sent.at(-1)?.type).toBe('drawing');
  flush();
  expect(sent.slice(2).map(({ type }) => type)).toEqual(['presence']);
  expect(Buffer.from((sent.at(-1) as { data: Uint8Array }).data).toString()).toContain('{"at":3}');
});
