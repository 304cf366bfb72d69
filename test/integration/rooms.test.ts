import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type * as Y from 'yjs';
import type { UnderpaintServer } from '../../server/dist/server.js';
import { RoomClient } from '../helpers/room-client.js';
import { startServer } from '../helpers/start-server.js';
import { TestClient } from '../helpers/test-client.js';

let server: UnderpaintServer;
let owner: RoomClient;
beforeEach(async () => {
  server = await startServer({ device: 'fake:2ms+1ms' });
  owner = await join({ room: randomBytes(16).toString('base64url'), role: 'owner' });
});
afterEach(() => server.stop());

function join(hello: Parameters<typeof RoomClient.join>[1], doc?: Y.Doc): Promise<RoomClient> {
  return RoomClient.join(server.port, hello, doc);
}

const joinAsEditor = () => join({ room: owner.room.edit! });
const joinAsViewer = () => join({ room: owner.room.view });

it('is made over HTTP, with a key for each role', async () => {
  const response = await fetch(`http://127.0.0.1:${server.port}/api/rooms`, { method: 'POST' });
  expect(response.status).toBe(201);
  const keys = (await response.json()) as { owner: string; edit: string; view: string };
  const members = [await join({ room: keys.owner }), await join({ room: keys.edit }), await join({ room: keys.view })];
  expect(members.map(({ room }) => room.role)).toEqual(['owner', 'editor', 'viewer']);
  expect(members.map(({ room }) => [room.edit, room.view])).toEqual([
    [keys.edit, keys.view],
    [keys.edit, keys.view],
    [undefined, keys.view],
  ]);
});

describe('a drawing', () => {
  it('is the same on every canvas', async () => {
    const [editor, viewer] = [await joinAsEditor(), await joinAsViewer()];
    owner.draw(1);
    editor.draw(2);
    await Promise.all([owner, editor, viewer].map((client) => client.untilMarks(2)));
    expect(owner.marks.toJSON()).toEqual(editor.marks.toJSON());
    expect(viewer.marks.toJSON()).toEqual(editor.marks.toJSON());
  });

  it('larger than a message goes in several, both ways', async () => {
    const large = new Uint8Array(400_000).fill(7);
    owner.marks.push([large]);
    const viewer = await joinAsViewer();
    await viewer.untilMarks(1);
    expect(Buffer.compare(viewer.marks.get(0), large)).toBe(0);
  });

  it('takes what was drawn without a connection', async () => {
    const editor = await joinAsEditor();
    editor.close();
    await owner.wire.until('member', ({ event }) => event === 'left');
    editor.draw(1);
    owner.draw(2);
    await join({ room: owner.room.edit!, resume: editor.wire.welcome.resume }, editor.doc);
    await Promise.all([owner, editor].map((client) => client.untilMarks(2)));
    expect(owner.marks.toJSON()).toEqual(editor.marks.toJSON());
  });
});

describe('a picture', () => {
  it('goes to every member, and says whose frame it shows', async () => {
    const viewer = await joinAsViewer();
    owner.sendFrame(1);
    const [own, seen] = [await owner.wire.until('image'), await viewer.wire.until('image')];
    expect(own).toMatchObject({ seq: 1, member: owner.room.member });
    expect(seen).toMatchObject({ seq: 0, member: owner.room.member });
    expect(Buffer.compare(own.data, seen.data)).toBe(0);
  });

  it('is made again for all when one changes the words', async () => {
    const editor = await joinAsEditor();
    owner.sendFrame(1);
    await editor.wire.until('image');
    editor.wire.send({ type: 'params', params: { prompt: 'a lake' } });
    const told = await owner.wire.until('params');
    expect(told).toMatchObject({ version: 1, member: editor.room.member, params: { prompt: 'a lake' } });
    await owner.wire.until('image', ({ version, reason }) => version === 1 && reason === 'params');
  });

  it('does not wait for a viewer who stopped reading', async () => {
    const viewer = await joinAsViewer();
    viewer.wire.acknowledges = false;
    for (let seq = 1; seq <= 10; seq++) {
      owner.sendFrame(seq);
      await owner.wire.until('image', (image) => image.seq === seq);
    }
    expect(viewer.wire.all('image')).toHaveLength(2);
  });
});

it('shows one who comes late everything at once', async () => {
  owner.draw(1);
  owner.wire.send({ type: 'params', params: { prompt: 'a lake' } });
  owner.sendPresence({ name: 'Heron' });
  owner.sendFrame(1);
  await owner.wire.until('image');
  const viewer = await joinAsViewer();
  expect(viewer.wire.welcome.params.prompt).toBe('a lake');
  expect(viewer.marks.length).toBe(1);
  await viewer.wire.until('image');
  await viewer.wire.until('presence');
  expect(viewer.wire.all('member')[0]?.members).toEqual([
    { member: owner.room.member, client: owner.doc.clientID, role: 'owner' },
    { member: viewer.room.member, client: viewer.doc.clientID, role: 'viewer' },
  ]);
});

it('tells of members that come and go', async () => {
  const editor = await joinAsEditor();
  const described = { member: editor.room.member, client: editor.doc.clientID, role: 'editor' };
  expect(await owner.wire.until('member', ({ event }) => event === 'joined')).toMatchObject({ members: [described] });
  editor.close();
  expect(await owner.wire.until('member', ({ event }) => event === 'left')).toMatchObject({ members: [described] });
});

it('sleeps when the last one leaves, and is as it was for the next', async () => {
  owner.draw(1);
  owner.sendFrame(1);
  await owner.wire.until('image');
  owner.close();
  await owner.wire.untilClosed();
  const viewer = await joinAsViewer();
  expect(viewer.marks.length).toBe(1);
  await viewer.wire.until('image');
});

it('is not there under a key that nobody has', async () => {
  const client = await TestClient.open(server.port);
  client.send({ type: 'hello', room: randomBytes(16).toString('base64url'), doc: 1 });
  expect((await client.untilClosed()).code).toBe(4004);
});
