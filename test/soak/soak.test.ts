import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { frameJpeg } from '../helpers/pictures.js';
import { randomOf } from '../helpers/random.js';
import { WatchedServer, type Held } from '../helpers/watched-server.js';
import { annoy, browse, comeBack, idle, meet, mumble, paint, type Actor, type Visit } from './actors.js';
import { medianOf, slopeOf, type Sample } from './slope.js';

/*
 * `npm run soak`: two servers, one with a fake device and many clients, one with the embedded model and a few, for half
 * an hour in which clients come and go in all the ways there are. Memory and descriptors must stay flat.
 */

const MINUTES = Number(process.env['UNDERPAINT_SOAK_MINUTES'] ?? 30);
const SEED = Number(process.env['UNDERPAINT_FUZZ_SEED'] ?? Date.now() % 2 ** 32);
/** Until then memory is still finding its size. */
const SETTLED = 1 / 3;
const MAX_MB_A_MINUTE = 0.3;
const MAX_DESCRIPTORS_A_MINUTE = 0.3;
const SAMPLE_MS = 5_000;
/** A visit that takes longer hangs. */
const VISIT_MS = 120_000;
const MINUTE_MS = 60_000;

interface Place {
  readonly name: string;
  readonly args: readonly string[];
  readonly everyMs: number;
  /** Each is one client after another. */
  readonly actors: readonly Actor[];
}

const PLACES: readonly Place[] = [
  {
    name: 'fake device',
    args: ['--device', 'fake:4ms+1ms', '--max-rooms', '100000', '--max-rooms-per-hour', '1000000'],
    everyMs: 60,
    actors: [paint, paint, paint, paint, meet, meet, comeBack, comeBack, browse, mumble, annoy, idle],
  },
  {
    name: 'embedded model',
    args: [
      '--workers',
      '1',
      '--threads',
      '1',
      '--max-rows',
      '2',
      '--max-rooms',
      '100000',
      '--max-rooms-per-hour',
      '9999',
      // Small pictures are quick, so that many times as many frames pass.
      '--size',
      '64',
    ],
    everyMs: 60,
    actors: [paint, paint, meet, browse, annoy],
  },
];

const folders: string[] = [];
const servers = new Map<Place, WatchedServer>();
beforeAll(async () => {
  for (const place of PLACES) {
    const roomsDir = mkdtempSync(join(tmpdir(), 'underpaint-soak-'));
    folders.push(roomsDir);
    servers.set(place, await WatchedServer.start([...place.args, '--rooms-dir', roomsDir], { collects: true }));
  }
}, 120_000);
afterAll(async () => {
  for (const server of servers.values()) await server.stop();
  for (const folder of folders) rmSync(folder, { recursive: true });
});

const problems: string[] = [];
let visits = 0;

/** One client after another, until the time is over. */
async function keepVisiting(actor: Actor, visit: Visit, endMs: number): Promise<void> {
  while (performance.now() < endMs) {
    const hangs = new AbortController();
    const late = sleep(VISIT_MS, undefined, { signal: hangs.signal }).then(() => {
      throw new Error('it hangs');
    });
    await Promise.race([actor(visit), late]).catch((error: Error) => {
      problems.push(`${actor.name}: ${error.message}`);
      console.log(problems.at(-1));
      return sleep(1_000);
    });
    hangs.abort();
    late.catch(() => undefined);
    visits += 1;
  }
}

interface Watched {
  readonly serverMb: Sample[];
  readonly workersMb: Sample[];
  readonly descriptors: Sample[];
  minute: Held[];
}

it(`stays flat for ${MINUTES} minutes`, { timeout: (MINUTES + 5) * MINUTE_MS }, async () => {
  console.log(`seed ${SEED}`);
  const random = randomOf(SEED);
  const frames = await Promise.all(Array.from({ length: 12 }, async (_, i) => Uint8Array.from(await frameJpeg(i))));
  const [startMs, watched] = [performance.now(), new Map<Place, Watched>()];
  const endMs = startMs + MINUTES * MINUTE_MS;
  const visitors = PLACES.flatMap((place) => {
    watched.set(place, { serverMb: [], workersMb: [], descriptors: [], minute: [] });
    const { port } = servers.get(place)!;
    const visit = { port, random, frames, everyMs: place.everyMs, rooms: new Map<string, number>() };
    return place.actors.map((actor) => keepVisiting(actor, visit, endMs));
  });
  for (let minute = 1; performance.now() < endMs;) {
    await sleep(SAMPLE_MS);
    const at = (performance.now() - startMs) / MINUTE_MS;
    for (const [place, all] of watched) sample(at, servers.get(place)!, all);
    if (at < minute) continue;
    for (const [place, all] of watched) report(minute, place, all);
    minute += 1;
  }
  await Promise.all(visitors);

  for (const [place, { serverMb, workersMb, descriptors }] of watched) {
    const slopes = {
      serverMb: slopeOf(settled(serverMb)),
      workersMb: slopeOf(settled(workersMb)),
      descriptors: slopeOf(settled(descriptors)),
    };
    console.log(`${place.name}, a minute:`, slopes);
    expect.soft(slopes.serverMb, `memory of the server, ${place.name}`).toBeLessThan(MAX_MB_A_MINUTE);
    expect.soft(slopes.workersMb, `memory of its workers, ${place.name}`).toBeLessThan(MAX_MB_A_MINUTE);
    expect.soft(slopes.descriptors, `descriptors, ${place.name}`).toBeLessThan(MAX_DESCRIPTORS_A_MINUTE);
    const server = servers.get(place)!;
    expect.soft(await server.metric('underpaint_faults_total'), place.name).toBe(0);
    expect.soft(await server.metric('underpaint_worker_deaths_total'), place.name).toBe(0);
    expect.soft(await server.metric('underpaint_rooms_unsafe'), place.name).toBe(0);
    expect.soft(await server.stop(), place.name).toBe(0);
    expect.soft(server.errors, place.name).toBe('');
  }
  console.log(`${visits} visits, ${problems.length} problems`);
  expect(problems).toEqual([]);
});

function sample(at: number, server: WatchedServer, all: Watched): void {
  if (server.hasEnded) throw new Error(`the server ended:\n${server.errors}`);
  const held = server.held();
  all.serverMb.push([at, held.serverMb]);
  all.workersMb.push([at, held.workersMb]);
  all.descriptors.push([at, held.descriptors]);
  all.minute.push(held);
}

function report(minute: number, { name }: Place, all: Watched): void {
  const of = (what: keyof Held) => medianOf(all.minute.map((held) => held[what])).toFixed(1);
  const sum = `${of('serverMb')} MB, workers ${of('workersMb')} MB, ${of('descriptors')} descriptors`;
  console.log(`minute ${minute}, ${name}: ${sum}; ${visits} visits, ${problems.length} problems`);
  all.minute = [];
}

function settled(samples: readonly Sample[]): Sample[] {
  return samples.filter(([at]) => at >= SETTLED * MINUTES);
}
