import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { UnderpaintServer } from '../../server/dist/server.js';
import { RoomClient } from '../helpers/room-client.js';
import { startServer } from '../helpers/start-server.js';

let server: UnderpaintServer;
let owner: RoomClient;
beforeEach(async () => {
  server = await startServer({ device: 'fake:2ms+1ms' });
  owner = await enter({ room: randomBytes(16).toString('base64url'), role: 'owner' });
});
afterEach(() => server.stop());

function enter(hello: Parameters<typeof RoomClient.join>[1], doc?: Y.Doc): Promise<RoomClient> {
  return RoomClient.join(server.port, hello, doc);
}

const joinAsEditor = () => enter({ room: owner.room.edit! });
const joinAsViewer = () => enter({ room: owner.room.view });

it('is created over HTTP, with a key for each role', async () => {
  const response = await fetch(`http://127.0.0.1:${server.port}/api/rooms`, { method: 'POST' });
  expect(response.status).toBe(201);
  const keys = (await response.json()) as { owner: string; edit: string; view: string };
  const members = [
    await enter({ room: keys.owner }),
    await enter({ room: keys.edit }),
    await enter({ room: keys.view }),
  ];
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

  it('larger than a message is split, both ways', async () => {
    const large = new Uint8Array(400_000).fill(7);
    owner.marks.push([large]);
    const viewer = await joinAsViewer();
    await viewer.untilMarks(1);
    expect(Buffer.compare(viewer.marks.get(0), large)).toBe(0);
  });

  it('merges strokes made without a connection', async () => {
    const editor = await joinAsEditor();
    editor.close();
    await owner.wire.until('member', ({ event }) => event === 'left');
    editor.draw(1);
    owner.draw(2);
    await enter({ room: owner.room.edit!, resume: editor.wire.welcome.resume }, editor.doc);
    await Promise.all([owner, editor].map((client) => client.untilMarks(2)));
    expect(owner.marks.toJSON()).toEqual(editor.marks.toJSON());
  });
});

describe('an image', () => {
  it('goes to every member, and says whose frame it shows', async () => {
    const viewer = await joinAsViewer();
    owner.sendFrame(1);
    const [own, seen] = [await owner.wire.until('image'), await viewer.wire.until('image')];
    expect(own).toMatchObject({ seq: 1, member: owner.room.member });
    expect(seen).toMatchObject({ seq: 0, member: owner.room.member });
    expect(Buffer.compare(own.data, seen.data)).toBe(0);
  });

  it('is rendered again for everybody when one member changes the prompt', async () => {
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

it('shows a late member everything at once', async () => {
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
    { member: owner.room.member, author: owner.doc.clientID, role: 'owner' },
    { member: viewer.room.member, author: viewer.doc.clientID, role: 'viewer' },
  ]);
});

it('announces members that enter and leave', async () => {
  const editor = await joinAsEditor();
  const described = { member: editor.room.member, author: editor.doc.clientID, role: 'editor' };
  expect(await owner.wire.until('member', ({ event }) => event === 'joined')).toMatchObject({ members: [described] });
  editor.close();
  expect(await owner.wire.until('member', ({ event }) => event === 'left')).toMatchObject({ members: [described] });
});

it('is unchanged after everybody left', async () => {
  owner.draw(1);
  owner.sendFrame(1);
  await owner.wire.until('image');
  owner.close();
  await owner.wire.untilClosed();
  const viewer = await joinAsViewer();
  expect(viewer.marks.length).toBe(1);
  await viewer.wire.until('image');
});

describe('roles', () => {
  const told = (client: RoomClient, code = 'forbidden') => client.wire.until('error', (error) => error.code === code);

  it('only let a viewer watch', async () => {
    const viewer = await joinAsViewer();
    viewer.draw(1);
    viewer.peer.send('update', Y.encodeStateAsUpdate(viewer.doc));
    await told(viewer);
    viewer.sendFrame(1);
    await viewer.wire.until('error', ({ code, seq }) => code === 'forbidden' && seq === 1);
    viewer.wire.send({ type: 'params', params: { prompt: 'mine' } });
    viewer.wire.send({ type: 'role', presenter: viewer.room.member });
    await viewer.untilMessages('error', 4);
    owner.draw(2);
    await viewer.untilMarks(2);
    expect(owner.marks.length).toBe(1);
    expect(owner.wire.all('params')).toEqual([]);
  });

  it('are not higher than asked for', async () => {
    const key = owner.room.edit!;
    expect((await enter({ room: key, role: 'owner' })).room.role).toBe('editor');
    const { role, edit } = (await enter({ room: key, role: 'viewer' })).room;
    expect([role, edit]).toEqual(['viewer', undefined]);
  });

  it('lock: only the owner may draw, and strokes that others made meanwhile are merged afterwards', async () => {
    const editor = await joinAsEditor();
    editor.wire.send({ type: 'role', locked: true });
    await told(editor);
    owner.wire.send({ type: 'role', locked: true });
    await editor.wire.until('role', ({ locked }) => locked);
    editor.draw(1);
    await editor.untilMessages('error', 2);
    owner.draw(2);
    await editor.untilMarks(2);
    owner.wire.send({ type: 'role', locked: false });
    await owner.untilMarks(2);
    expect(owner.marks.toJSON()).toEqual(editor.marks.toJSON());
  });

  it('presenter: taken, handed over, given up; only the presenter may send a camera', async () => {
    const [editor, viewer] = [await joinAsEditor(), await joinAsViewer()];
    const is = (presenter: number | null) => viewer.wire.until('role', (role) => role.presenter === presenter);
    const camera = (client: RoomClient, seq: number) =>
      client.wire.send({ type: 'frame', seq, data: new Uint8Array(9).fill(seq), camera: true });
    editor.wire.send({ type: 'role', presenter: editor.room.member });
    await is(editor.room.member);
    camera(owner, 1);
    expect(await told(owner)).toMatchObject({ seq: 1 });
    camera(editor, 1);
    await viewer.wire.until('image', ({ member }) => member === editor.room.member);
    editor.wire.send({ type: 'role', presenter: viewer.room.member });
    await told(editor);
    editor.wire.send({ type: 'role', presenter: owner.room.member });
    await is(owner.room.member);
    editor.wire.send({ type: 'role', presenter: editor.room.member });
    await editor.untilMessages('error', 2);
    camera(owner, 2);
    await viewer.wire.until('image', ({ member }) => member === owner.room.member);
    owner.wire.send({ type: 'role', presenter: null });
    await viewer.untilMessages('role', 4);
  });

  it('presenter: the place is free again when the presenter leaves', async () => {
    const editor = await joinAsEditor();
    editor.wire.send({ type: 'role', presenter: editor.room.member });
    await owner.wire.until('role', ({ presenter }) => presenter !== null);
    editor.close();
    await owner.untilMessages('role', 3);
    expect(owner.wire.all('role').at(-1)?.presenter).toBeNull();
  });
});

describe('the last frame', () => {
  it('is requested from an author if it lacks something', async () => {
    await owner.wire.until('upload');
    owner.sendFrame(1);
    owner.draw(1);
    owner.sendFrame(2);
    await owner.wire.until('image', ({ seq }) => seq === 2);
    const editor = await joinAsEditor();
    // Nobody is asked while the frame is complete; somebody is when the author left before uploading.
    editor.draw(2);
    await owner.untilMarks(2);
    editor.close();
    await owner.untilMessages('upload', 2);
  });
});

it('costs a busy device as much as one session, however many watch', async () => {
  await server.stop();
  server = await startServer({ device: 'fake:200ms+1ms' });
  // Two steps of 201 ms: no capacity for three sessions.
  const first = await enter({ room: randomBytes(16).toString('base64url'), role: 'owner' });
  first.sendFrame(1);
  const viewers = await Promise.all(Array.from({ length: 10 }, () => enter({ room: first.room.view })));
  await Promise.all(viewers.map(({ wire }) => wire.until('image')));
});

describe('a folder of rooms', () => {
  let roomsDir: string;
  beforeEach(async () => void (roomsDir = await mkdtemp(join(tmpdir(), 'rooms-'))));
  afterEach(() => rm(roomsDir, { recursive: true }));

  const restart = async () => {
    await server.stop();
    server = await startServer({ device: 'fake:2ms+1ms', roomsDir });
  };

  it('keeps drawing, parameters, lock and image across a restart', async () => {
    await restart();
    const key = randomBytes(16).toString('base64url');
    const before = await enter({ room: key, role: 'owner' });
    before.draw(1);
    before.wire.send({ type: 'params', params: { prompt: 'a lake' } });
    before.wire.send({ type: 'role', locked: true });
    before.sendFrame(1);
    const { data } = await before.wire.until('image');
    await restart();
    const viewer = await enter({ room: before.room.view });
    expect(viewer.marks.toJSON()).toEqual(before.marks.toJSON());
    expect(viewer.wire.welcome.params.prompt).toBe('a lake');
    expect((await viewer.wire.until('role')).locked).toBe(true);
    expect(Buffer.compare((await viewer.wire.until('image')).data, data)).toBe(0);
    // The frame of the image is gone, so the server asks for one to render new parameters with.
    const again = await enter({ room: key }, before.doc);
    await again.wire.until('upload');
  });

  it('with a truncated file is served without that room', async () => {
    await restart();
    const rooms = await Promise.all(
      [1, 2].map(() => enter({ room: randomBytes(16).toString('base64url'), role: 'owner' })),
    );
    for (const room of rooms) room.draw(1);
    await Promise.all(rooms.map(({ wire }) => wire.until('upload')));
    await server.stop();
    const [cut] = await readdir(roomsDir);
    const file = join(roomsDir, cut!);
    await truncate(file, Math.floor((await stat(file)).size / 2));
    server = await startServer({ device: 'fake:2ms+1ms', roomsDir });
    const outcomes = await Promise.allSettled(rooms.map(({ room }) => enter({ room: room.view })));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await readdir(roomsDir)).sort()).toContain(`${cut}.broken`);
  });
});
