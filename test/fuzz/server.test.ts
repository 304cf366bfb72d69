import { encodeMessage } from '@underpaint/shared';
import fc from 'fast-check';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { frameJpeg } from '../helpers/pictures.js';
import { randomOf } from '../helpers/random.js';
import { RoomClient } from '../helpers/room-client.js';
import { TestClient } from '../helpers/test-client.js';
import { WatchedServer } from '../helpers/watched-server.js';
import { damaged, edited, someEdits } from './edits.js';
import { messages } from './messages.js';
import { mutatedRequests } from './requests.js';
import { tries } from './scale.js';
import { seedPictures } from './seed-pictures.js';
import { SteadyClient } from './steady-client.js';
import { helloTo, inTurns, say, shout } from './strangers.js';

/*
 * Strangers at a server in a process of its own, over real sockets, beside somebody who draws and expects an answer to
 * each frame. Another server that nobody uses shows what the machine does to an event loop. What counts as a stall is
 * processor time of the server's main thread: time without any was taken by others of the machine.
 */

const MAX_BUSY_MS = 50;
const STRANGERS = 4;
const MESSAGES_EACH = 5;
const TIMEOUT_MS = 1_800_000;

let server: WatchedServer;
let idle: WatchedServer;
let steady: SteadyClient;

async function start(...args: readonly string[]): Promise<void> {
  [server, idle] = [await WatchedServer.start(args), await WatchedServer.start(['--device', 'fake:1ms+1ms'])];
}

async function stop(): Promise<void> {
  expect([await server.stop(), await idle.stop()]).toEqual([0, 0]);
}

async function draw(everyMs: number): Promise<void> {
  const frames = await Promise.all(Array.from({ length: 8 }, (_, i) => frameJpeg(i)));
  steady = await SteadyClient.start(server.port, frames, everyMs);
  await sleep(1_000);
  server.takeStall();
  idle.takeStall();
}

/** The server still runs, held nobody up, and served the client that draws. */
async function check(): Promise<void> {
  const [stall, machine] = [server.takeStall(), idle.takeStall()];
  const { images, longestMs } = steady;
  const text = (value: number) => value.toFixed(1);
  console.log(
    `event loop: busy ${text(stall.busyMs)} ms at most, late by ${text(stall.gapMs)} ms (an idle server's by ` +
      `${text(machine.gapMs)} ms); ${images} images for the one who draws, the slowest after ${text(longestMs)} ms`,
  );
  await steady.stop();
  expect(server.hasEnded).toBe(false);
  expect(server.errors).toBe('');
  expect(await server.metric('underpaint_faults_total')).toBe(0);
  expect(await server.metric('underpaint_worker_deaths_total')).toBe(0);
  expect(images).toBeGreaterThan(0);
  expect(stall.busyMs).toBeLessThan(MAX_BUSY_MS);
}

describe('a server with a fake device', () => {
  beforeAll(() => start('--device', 'fake:2ms+1ms'), 120_000);
  afterAll(stop);
  beforeEach(() => draw(50));
  afterEach(check);

  const mutated = fc.tuple(messages, someEdits(0, 3)).map(([message, edits]) => edited(encodeMessage(message), edits));

  it('hears mutated messages', { timeout: TIMEOUT_MS }, async () => {
    const { numRuns, seed } = tries('mutated messages over sockets', 100_000);
    const owner = await RoomClient.join(server.port, { room: ownerKey(seed), role: 'owner' });
    const all = fc.sample(mutated, { numRuns, seed });
    const conversations = Array.from({ length: numRuns / MESSAGES_EACH }, (_, i) => {
      const hello = helloTo(i % 2 === 0 ? owner.room.edit : undefined, 1 + i);
      return [hello, ...all.slice(i * MESSAGES_EACH, (i + 1) * MESSAGES_EACH)];
    });
    let heard = 0;
    await inTurns(conversations, STRANGERS, async (conversation) => {
      const count = await say(server.port, conversation);
      heard += count;
    });
    expect(heard).toBeGreaterThan(numRuns / MESSAGES_EACH);
    // The room is as good as before.
    owner.draw(1, 2, 3);
    const late = await RoomClient.join(server.port, { room: owner.room.view });
    await late.untilMarks(owner.marks.length);
    expect(owner.wire.closed).toBeUndefined();
    owner.close();
    late.close();
  });

  it('answers or ends odd requests', { timeout: TIMEOUT_MS }, async () => {
    const all = fc.sample(mutatedRequests, tries('odd requests to a server', 10_000));
    await inTurns(all, 4 * STRANGERS, (text) => shout(server.port, text));
  });
});

describe('a server with a model', () => {
  beforeAll(() => start('--workers', '1', '--threads', '1', '--max-rows', '1', '--refine-steps', '0'), 120_000);
  afterAll(stop);
  beforeEach(() => draw(100));
  afterEach(check);

  it('makes an image of every mutated picture or reports it as invalid', { timeout: TIMEOUT_MS }, async () => {
    const { numRuns, seed } = tries('mutated pictures to a server', 2_500);
    const random = randomOf(seed);
    const originals = await seedPictures();
    const all = Array.from({ length: numRuns }, () => damaged(random.of(originals), random));
    const ends = { image: 0, error: 0, dropped: 0 };
    const clients = await Promise.all(Array.from({ length: STRANGERS }, () => TestClient.live(server.port)));
    const seqs = new Map<TestClient, number>();
    await inTurns(all, STRANGERS, async (picture) => {
      const client = clients.pop()!;
      const seq = 1 + (seqs.get(client) ?? 0);
      seqs.set(client, seq);
      client.sendFrame(seq, picture);
      const end = await Promise.race([
        client.until('image', (image) => image.seq === seq && image.final),
        client.until('error', (error) => error.seq === seq),
        client.until('dropped', (dropped) => dropped.seq === seq),
      ]);
      ends[end.type] += 1;
      client.received.length = 0;
      clients.push(client);
    });
    console.log(ends);
    for (const client of clients) client.close();
    expect(ends.image).toBeGreaterThan(numRuns / 20);
    expect(ends.error).toBeGreaterThan(numRuns / 20);
  });
});

/** A key that no other run has. */
function ownerKey(seed: number): string {
  return Buffer.from(`room of ${seed}`.padEnd(16).slice(0, 16)).toString('base64url');
}
