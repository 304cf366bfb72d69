import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../helpers/random.js';
import { RoomClient } from '../helpers/room-client.js';
import { TestClient } from '../helpers/test-client.js';

/*
 * Actions of clients, well-behaved ones and others. Each is one visit; it throws where the server does not do
 * what the protocol promises.
 */

export interface Visit {
  readonly port: number;
  readonly random: Random;
  /** Encoded pictures, each different from the next. */
  readonly frames: readonly Uint8Array<ArrayBuffer>[];
  /** Pause between frames, in ms. */
  readonly everyMs: number;
  /** Rooms that were left, with their expected drawings. */
  readonly rooms: Map<string, number>;
}

export type Actor = (visit: Visit) => Promise<void>;

const KEPT_ROOMS = 60;
const MARKS_EACH = 15;
const PAGES = ['/', '/underpaint.js', '/api/info', '/metrics', '/embed', '/readyz', '/nowhere'];
const ODD_REQUESTS = [
  'GET // HTTP/1.1',
  'GET / HTTP/1.1\r\nRange: bytes=9-1',
  'POST //a@b:c HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 9',
  'NONSENSE',
];

/** Half of an address block is not too many clients of one address. */
function from(random: Random): { localAddress: string } {
  return { localAddress: `127.0.${random.below(20)}.${1 + random.below(200)}` };
}

/** Draws alone: every frame must have its end; then it leaves, breaks off, or breaks off and comes back. */
export const paint: Actor = async (visit) => {
  const { port, random } = visit;
  const options = from(random);
  const client = await TestClient.live(port, {}, options);
  if (random.chance(0.5)) client.send({ type: 'params', params: { seed: random.below(1000), prompt: 'a lake' } });
  await sendFrames(client, 1, visit);
  if (random.chance(0.3)) return client.close();
  client.socket.terminate();
  if (random.chance(0.5)) return;
  await sleep(random.below(200));
  const again = await TestClient.live(port, { resume: client.welcome.resume }, options);
  await sendFrames(again, again.welcome.lastSeq + 1, visit);
  again.close();
};

async function sendFrames(client: TestClient, first: number, { random, frames, everyMs }: Visit): Promise<void> {
  const count = 3 + random.below(25);
  for (let seq = first; seq < first + count; seq++) {
    client.sendFrame(seq, frames[seq % frames.length]!);
    if (random.chance(0.05)) client.send({ type: 'params', params: { seed: seq } });
    await sleep(everyMs * (0.5 + random.below(10) / 10));
  }
  for (let seq = first; seq < first + count; seq++) {
    await Promise.race([
      client.until('image', (image) => image.seq === seq && image.final),
      client.until('dropped', (dropped) => dropped.seq === seq),
    ]);
  }
  const [error] = client.all('error');
  if (error) throw new Error(`a frame failed: ${error.code}, ${error.message}`);
}

/** Several draw in a new room, the last comes late; all must see the same. */
export const meet: Actor = async (visit) => {
  const { port, random, rooms } = visit;
  const owner = await makeRoom(port, from(random).localAddress);
  const members = [await RoomClient.join(port, { room: owner, role: 'owner' }, undefined, from(random))];
  const { edit, view } = members[0]!.room;
  for (let i = random.below(3); i >= 0; i--) {
    members.push(await RoomClient.join(port, { room: edit! }, undefined, from(random)));
  }
  const viewer = await RoomClient.join(port, { room: view }, undefined, from(random));
  for (let i = 0; i < MARKS_EACH; i++) {
    for (const member of members) member.draw(i, random.below(256));
    members[0]!.sendPresence({ name: 'somebody', cursor: [i, i] });
    if (i % 5 === 0) members[0]!.sendFrame(i + 1, visit.frames[i % visit.frames.length]);
    await sleep(visit.everyMs);
  }
  const marks = members.length * MARKS_EACH;
  await Promise.all([...members, viewer].map((member) => member.untilMarks(marks)));
  for (const member of [...members, viewer]) {
    if (random.chance(0.5)) member.close();
    else member.wire.socket.terminate();
  }
  rooms.set(owner, marks);
  const [oldest] = rooms.keys();
  if (rooms.size > KEPT_ROOMS) rooms.delete(oldest!);
};

/** Opens a room that was left, perhaps long ago: it must hold what it held. */
export const comeBack: Actor = async ({ port, random, rooms }) => {
  if (rooms.size === 0) return sleep(500);
  const [owner, marks] = random.of([...rooms]);
  const member = await RoomClient.join(port, { room: owner, role: 'viewer' }, undefined, from(random));
  await member.untilMarks(marks);
  await sleep(random.below(2_000));
  member.close();
};

async function makeRoom(port: number, localAddress: string): Promise<string> {
  const sent = request({ port, host: '127.0.0.1', path: '/api/rooms', method: 'POST', localAddress, agent: false });
  sent.end();
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const part of response) text += String(part);
  if (response.statusCode !== 201) throw new Error(`no room was made: ${response.statusCode} ${text}`);
  return (JSON.parse(text) as { owner: string }).owner;
}

/** Loads pages and scripts, and now and then goes away in the middle of one. */
export const browse: Actor = async ({ port, random }) => {
  for (let i = 0; i < 20; i++) {
    const headers = { 'Accept-Encoding': random.of(['gzip', 'br', 'identity']) };
    const sent = request({ port, host: '127.0.0.1', path: random.of(PAGES), headers, agent: false });
    sent.on('error', () => undefined).end();
    const [response] = await once(sent, 'response');
    if (response.statusCode >= 500) throw new Error(`a page was answered with ${response.statusCode}`);
    if (random.chance(0.3)) {
      response.destroy();
    } else {
      response.resume();
      await once(response, 'end');
    }
    await sleep(random.below(100));
  }
};

/** Sends malformed requests, and goes away or waits for the answer. */
export const mumble: Actor = async ({ port, random }) => {
  for (let i = 0; i < 10; i++) {
    const socket = connect({ port, host: '127.0.0.1' }).on('error', () => undefined);
    socket.write(`${random.of(ODD_REQUESTS)}\r\nHost: localhost\r\n\r\n`);
    await Promise.race([once(socket, 'data'), once(socket, 'close'), sleep(500 + random.below(500))]);
    socket.destroy();
  }
};

/** Connects and says nothing, or nonsense, or an invalid picture. */
export const annoy: Actor = async ({ port, random }) => {
  const client = await TestClient.open(port, from(random));
  const what = random.below(3);
  if (what === 0) {
    await sleep(random.below(1_000));
    return client.socket.terminate();
  }
  if (what === 1) {
    client.socket.send(Uint8Array.from({ length: random.below(300) }, () => random.below(256)));
    const { code } = await client.untilClosed();
    if (code !== 4000) throw new Error(`nonsense was closed with ${code}`);
    return;
  }
  client.send({ type: 'hello' });
  await client.until('welcome');
  client.sendFrame(
    1,
    Uint8Array.from({ length: 300 }, () => random.below(256)),
  );
  client.sendFrame(2, new Uint8Array(0));
  await sleep(500);
  client.close();
};

/** Sends frames, and neither reads nor acknowledges images. */
export const idle: Actor = async ({ port, random, frames, everyMs }) => {
  const client = await TestClient.live(port, {}, from(random));
  client.acknowledges = false;
  for (let seq = 1; seq <= 20; seq++) {
    client.sendFrame(seq, frames[seq % frames.length]!);
    if (seq === 5) client.socket.pause();
    await sleep(everyMs);
  }
  await sleep(random.below(3_000));
  client.socket.terminate();
};
