import { mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FolderStore } from '../../../../server/src/rooms/folder-store.js';
import type { RoomRecord } from '../../../../server/src/rooms/room-store.js';

const ID = 'AQEBAQEBAQEBAQEBAQEBAQ';
const OTHER = 'AgICAgICAgICAgICAgICAg';
const HOUR_MS = 3_600_000;

let dir: string;
let logged: string[];
let stores: FolderStore[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'rooms-'));
  logged = [];
  stores = [];
});
afterEach(async () => {
  for (const store of stores) await store.close();
  await rm(dir, { recursive: true });
});

/** As a server does that starts. */
function open(): FolderStore {
  const log = pino({ level: 'warn' }, { write: (line: string) => logged.push(line) });
  const store = FolderStore.open({ dir, ttlMs: HOUR_MS, log });
  stores.push(store);
  return store;
}

function record(fill: number): RoomRecord {
  const data = new Uint8Array(2_000).fill(fill);
  const image = { data, width: 8, height: 8, step: 2, steps: 2, flagged: false };
  return { doc: new Uint8Array(1_000).fill(fill), params: { prompt: `${fill}` }, isLocked: true, image };
}

it('brings back what was saved, byte for byte, after a restart', async () => {
  const first = open();
  first.save(ID, record(1));
  first.save(OTHER, { ...record(2), image: undefined });
  await first.close();
  const second = open();
  expect(second.size).toBe(2);
  const { doc, params, isLocked, image } = second.load(ID)!;
  expect(Buffer.compare(doc, record(1).doc)).toBe(0);
  expect([params, isLocked, image?.width]).toEqual([{ prompt: '1' }, true, 8]);
  expect(Buffer.compare(image!.data, record(1).image!.data)).toBe(0);
  expect(second.load(OTHER)?.image).toBeUndefined();
});

it('gives what was saved last, also while it is being written', async () => {
  const store = open();
  for (let i = 1; i <= 20; i++) store.save(ID, record(i));
  expect(store.load(ID)?.params).toEqual({ prompt: '20' });
  await store.close();
  expect(open().load(ID)?.params).toEqual({ prompt: '20' });
  expect(await readdir(dir)).toEqual([`${ID}.room`]);
});

it('keeps the old file whole when a write was cut off', async () => {
  const store = open();
  store.save(ID, record(1));
  await store.close();
  await writeFile(join(dir, `${ID}.room.tmp`), (await readFile(join(dir, `${ID}.room`))).subarray(0, 500));
  expect(open().load(ID)?.params).toEqual({ prompt: '1' });
  expect(await readdir(dir)).toEqual([`${ID}.room`]);
});

it.each([0, 10, 1_500])('tells of a file cut to %i bytes, sets it aside and goes on', async (length) => {
  const store = open();
  store.save(ID, record(1));
  store.save(OTHER, record(2));
  await store.close();
  await truncate(join(dir, `${ID}.room`), length);
  const next = open();
  expect(next.load(ID)).toBeUndefined();
  expect(next.has(ID)).toBe(false);
  expect(next.load(OTHER)?.params).toEqual({ prompt: '2' });
  expect(logged.join()).toMatch(/set aside/);
  expect((await readdir(dir)).sort()).toEqual([`${ID}.room.broken`, `${OTHER}.room`]);
});

it('tells of a file with a changed byte', async () => {
  const store = open();
  store.save(ID, record(1));
  await store.close();
  const bytes = await readFile(join(dir, `${ID}.room`));
  bytes[bytes.length - 1]! ^= 1;
  await writeFile(join(dir, `${ID}.room`), bytes);
  expect(open().load(ID)).toBeUndefined();
});

it('forgets a room whose time is over', async () => {
  const store = open();
  store.save(ID, record(1));
  await store.close();
  const longAgo = new Date(Date.now() - 2 * HOUR_MS);
  await utimes(join(dir, `${ID}.room`), longAgo, longAgo);
  expect(open().has(ID)).toBe(false);
  expect(await readdir(dir)).toEqual([]);
});

it('touches no file that is not its own', async () => {
  await writeFile(join(dir, 'notes.txt'), 'mine');
  open();
  expect(await readdir(dir)).toEqual(['notes.txt']);
});

it('says which folder cannot be used', async () => {
  await writeFile(join(dir, 'file'), '');
  dir = join(dir, 'file');
  expect(open).toThrow(/rooms cannot be kept in .*file/);
  dir = join(dir, '..');
});
