import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { UnderpaintServer } from '../../server/dist/server.js';
import { RoomClient } from '../helpers/room-client.js';
import { startServer } from '../helpers/start-server.js';
import { TestClient } from '../helpers/test-client.js';

/* An error or a close for the sender; the room lives on. */

let server: UnderpaintServer;
let owner: RoomClient;
beforeEach(async () => {
  server = await startServer({ device: 'fake:2ms+1ms' });
  owner = await RoomClient.join(server.port, { room: randomBytes(16).toString('base64url'), role: 'owner' });
});
afterEach(async () => {
  const other = await joinAsEditor();
  owner.draw(1, 2, 3);
  await other.untilMarks(owner.marks.length);
  expect(owner.wire.closed).toBeUndefined();
  await server.stop();
});

const joinAsEditor = () => RoomClient.join(server.port, { room: owner.room.edit! });

it.each<readonly [string, (editor: RoomClient) => void, number]>([
  ['a garbage update', (editor) => editor.peer.send('update', Uint8Array.of(0, 0, 0)), 4000],
  ['a garbage vector', (editor) => editor.peer.send('vector', Uint8Array.of(255, 255)), 4000],
  ['a vector of 1 MB', (editor) => editor.peer.send('vector', new Uint8Array(1e6).fill(127)), 4000],
  [
    'empty vectors over and over',
    (editor) => {
      for (let i = 0; i < 50; i++) editor.peer.send('vector', Uint8Array.of(0));
    },
    1008,
  ],
  [
    'an item of length zero',
    (editor) => editor.peer.send('update', Uint8Array.of(1, 1, 1, 0, 1, 1, 1, 97, 0, 0)),
    4000,
  ],
  ['garbage presence', (editor) => editor.wire.send({ type: 'presence', data: randomBytes(50) }), 4000],
  ['presence of 3 KB', (editor) => editor.sendPresence({ name: 'a'.repeat(3_000) }), 4000],
  [
    'an update of 10 MB in one message',
    (editor) => editor.wire.send({ type: 'drawing', kind: 'update', data: new Uint8Array(10e6) }),
    1009,
  ],
])('%s', async (_name, misbehave, code) => {
  const editor = await joinAsEditor();
  misbehave(editor);
  expect((await editor.wire.untilClosed()).code).toBe(code);
});

it('an update of 10 MB in small messages', async () => {
  const editor = await joinAsEditor();
  editor.peer.send('update', new Uint8Array(10e6));
  await editor.wire.until('error', ({ code }) => code === 'drawing-full');
});

it('a drawing grown past its limit', async () => {
  const editor = await joinAsEditor();
  for (let i = 0; i < 5; i++) editor.marks.push([new Uint8Array(1e6)]);
  await editor.wire.until('error', ({ code }) => code === 'drawing-full');
  expect(editor.room.maxDrawingBytes).toBeLessThan(5e6);
});

it('presence of somebody else', async () => {
  const editor = await joinAsEditor();
  editor.sendPresence({ name: 'forged' }, owner.doc.clientID);
  await editor.wire.until('error', ({ code }) => code === 'forbidden');
  expect(owner.wire.all('presence')).toEqual([]);
});

it('a member that claims to be another', async () => {
  const client = await TestClient.open(server.port);
  client.send({ type: 'hello', room: owner.room.edit!, author: owner.doc.clientID });
  expect((await client.untilClosed()).code).toBe(1013);
});

it.each([randomBytes(16).toString('base64url'), 'lobby', ''])('a room that does not exist: "%s"', async (room) => {
  const client = await TestClient.open(server.port);
  client.send({ type: 'hello', room, author: 1 });
  expect((await client.untilClosed()).code).toBe(4004);
});

it('a thousand rooms from one address', async () => {
  const make = () => fetch(`http://127.0.0.1:${server.port}/api/rooms`, { method: 'POST' });
  const statuses = new Set<number>();
  for (let i = 0; i < 1_000; i++) statuses.add((await make()).status);
  expect([...statuses]).toEqual([201, 429]);
  // One every two minutes.
  const retryAfter = Number((await make()).headers.get('retry-after'));
  expect(retryAfter).toBeGreaterThan(60);
  expect(retryAfter).toBeLessThanOrEqual(120);
  const client = await TestClient.open(server.port);
  client.send({ type: 'hello', room: randomBytes(16).toString('base64url'), role: 'owner', author: 1 });
  expect((await client.untilClosed()).code).toBe(1008);
});

it('a page of another origin that creates rooms', async () => {
  const headers = { origin: 'https://elsewhere.example' };
  const made = await fetch(`http://127.0.0.1:${server.port}/api/rooms`, { method: 'POST', headers });
  expect([made.status, made.headers.get('access-control-allow-origin')]).toEqual([403, null]);
});

it('a message for rooms outside of a room', async () => {
  const client = await TestClient.live(server.port);
  client.send({ type: 'role', locked: true });
  expect((await client.untilClosed()).code).toBe(4000);
});

it('far too many messages', async () => {
  const editor = await joinAsEditor();
  for (let i = 0; i < 1_000; i++) editor.wire.send({ type: 'params', params: { seed: i } });
  expect((await editor.wire.untilClosed()).code).toBe(1008);
});
