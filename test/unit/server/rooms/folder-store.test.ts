import { mkdir, mkdtemp, readdir, readFile, rename, rm, rmdir, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FolderStore, type FolderStoreOptions } from '../../../../server/src/rooms/stores/folder-store.js';
import type { RoomRecord } from '../../../../server/src/rooms/stores/room-store.js';

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

/** Opens the folder as a server does at startup. */
function open(options: Partial<FolderStoreOptions> = {}): FolderStore {
  const log = pino({ level: 'warn' }, { write: (line: string) => logged.push(line) });
  const store = FolderStore.open({ dir, ttlMs: 2 * HOUR_MS, log, retryMs: { first: 20, longest: 40 }, ...options });
  stores.push(store);
  return store;
}

/** Loads a room that exists. */
async function loaded(store: FolderStore, id: string): Promise<RoomRecord> {
  const found = await store.load(id);
  if (found === undefined || found === 'unreadable') throw new Error(`there is no room ${id}`);
  return found;
}

function record(fill: number): RoomRecord {
  const data = new Uint8Array(2_000).fill(fill);
  const image = { data, width: 8, height: 8, step: 2, steps: 2, flagged: false };
  return { drawing: new Uint8Array(1_000).fill(fill), params: { prompt: `${fill}` }, isLocked: true, image };
}

it('loads every byte after a restart', async () => {
  const first = open();
  first.save(ID, record(1));
  first.save(OTHER, { ...record(2), image: undefined });
  await first.close();
  const second = open();
  expect(second.size).toBe(2);
  const { drawing, params, isLocked, image } = await loaded(second, ID);
  expect(Buffer.compare(drawing, record(1).drawing)).toBe(0);
  expect([params, isLocked, image?.width]).toEqual([{ prompt: '1' }, true, 8]);
  expect(Buffer.compare(image!.data, record(1).image!.data)).toBe(0);
  expect((await loaded(second, OTHER)).image).toBeUndefined();
});

it('loads the latest record, even while it is being written', async () => {
  const store = open();
  for (let i = 1; i <= 20; i++) store.save(ID, record(i));
  expect((await loaded(store, ID)).params).toEqual({ prompt: '20' });
  await store.close();
  expect((await loaded(open(), ID)).params).toEqual({ prompt: '20' });
  expect(await readdir(dir)).toEqual([`${ID}.room`]);
});

it('keeps the old file when a write was interrupted', async () => {
  const store = open();
  store.save(ID, record(1));
  await store.close();
  await writeFile(join(dir, `${ID}.room.tmp`), (await readFile(join(dir, `${ID}.room`))).subarray(0, 500));
  expect((await loaded(open(), ID)).params).toEqual({ prompt: '1' });
  expect(await readdir(dir)).toEqual([`${ID}.room`]);
});

it.each([0, 10, 1_500])('sets aside a file cut to %i bytes, logs it and goes on', async (length) => {
  const store = open();
  store.save(ID, record(1));
  store.save(OTHER, record(2));
  await store.close();
  await truncate(join(dir, `${ID}.room`), length);
  const next = open();
  expect(await next.load(ID)).toBeUndefined();
  expect(next.has(ID)).toBe(false);
  expect((await loaded(next, OTHER)).params).toEqual({ prompt: '2' });
  expect(logged.join()).toMatch(/set aside/);
  expect((await readdir(dir)).sort()).toEqual([`${ID}.room.broken`, `${OTHER}.room`]);
});

it('rejects a file with a changed byte', async () => {
  const store = open();
  store.save(ID, record(1));
  await store.close();
  const bytes = await readFile(join(dir, `${ID}.room`));
  bytes[bytes.length - 1]! ^= 1;
  await writeFile(join(dir, `${ID}.room`), bytes);
  expect(await open().load(ID)).toBeUndefined();
});

const pathOf = (id: string) => join(dir, `${id}.room`);

/** Saves a room that was last used some time ago. */
async function saveOld(id: string, ageMs: number, saved = record(1)): Promise<void> {
  const store = open();
  store.save(id, saved);
  await store.close();
  const then = new Date(Date.now() - ageMs);
  await utimes(pathOf(id), then, then);
}

it('forgets a room after its time to live', async () => {
  await saveOld(ID, 3 * HOUR_MS);
  await saveOld(OTHER, HOUR_MS);
  const store = open();
  store.forgetOld();
  expect([store.has(ID), store.has(OTHER)]).toEqual([false, true]);
  expect(await readdir(dir)).toEqual([`${OTHER}.room`]);
});

it('forgets a room without a drawing after an hour', async () => {
  await saveOld(ID, 1.5 * HOUR_MS, { ...record(1), drawing: new Uint8Array(2), image: undefined });
  await saveOld(OTHER, 1.5 * HOUR_MS);
  const store = open();
  store.forgetOld();
  expect([store.has(ID), store.has(OTHER)]).toEqual([false, true]);
});

it('forgets neither a room in use, nor any room because somebody set the wall clock', () => {
  let nowMs = 0;
  const store = open({ now: () => nowMs });
  store.save(ID, record(1));
  vi.useFakeTimers({ now: Date.now() + 1_000 * HOUR_MS, toFake: ['Date'] });
  try {
    store.forgetOld();
    expect(store.has(ID)).toBe(true);
    nowMs = 3 * HOUR_MS;
    store.touch(ID);
    store.forgetOld();
    expect(store.has(ID)).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});

describe('a disk that cannot be written', () => {
  // A folder in place of the file: not even root can write or replace it.
  const block = (id: string) => mkdir(`${pathOf(id)}.tmp`);
  const unblock = (id: string) => rmdir(`${pathOf(id)}.tmp`);

  it('is logged, and written later', async () => {
    const store = open();
    await block(ID);
    store.save(ID, record(1));
    await vi.waitFor(() => expect([...store.unsafe]).toEqual([ID]));
    expect(logged.join()).toMatch(/could not be saved/);
    expect((await loaded(store, ID)).params).toEqual({ prompt: '1' });
    await unblock(ID);
    await vi.waitFor(() => expect([...store.unsafe]).toEqual([]));
    expect(await readdir(dir)).toEqual([`${ID}.room`]);
  });

  it('is tried again when the store closes', async () => {
    const store = open({ retryMs: { first: 100, longest: 100 } });
    await block(ID);
    store.save(ID, record(1));
    await vi.waitFor(() => expect(store.unsafe.size).toBe(1));
    const closed = store.close();
    await unblock(ID);
    await closed;
    expect((await loaded(open(), ID)).params).toEqual({ prompt: '1' });
  });

  it('is given up when the store closes, with a log line', async () => {
    const store = open();
    await block(ID);
    store.save(ID, record(1));
    await store.close();
    expect(logged.join()).toMatch(/rooms were lost/);
    await unblock(ID);
  });

  it('is found when the store opens', async () => {
    await mkdir(join(dir, '.probe'));
    expect(() => open()).toThrow(/rooms cannot be kept in/);
    await rmdir(join(dir, '.probe'));
  });
});

it('logs that an old room cannot be deleted, and goes on', async () => {
  await saveOld(ID, 3 * HOUR_MS);
  await saveOld(OTHER, 3 * HOUR_MS);
  const store = open();
  await rm(pathOf(ID));
  await mkdir(pathOf(ID));
  store.forgetOld();
  expect(logged.join()).toMatch(/could not be deleted/);
  expect([store.has(ID), store.has(OTHER)]).toEqual([true, false]);
});

it('keeps a room that it cannot read at the moment', async () => {
  await saveOld(ID, 0);
  const store = open();
  await rename(pathOf(ID), join(dir, 'elsewhere'));
  await mkdir(pathOf(ID));
  expect(await store.load(ID)).toBe('unreadable');
  await rmdir(pathOf(ID));
  await rename(join(dir, 'elsewhere'), pathOf(ID));
  expect((await loaded(store, ID)).params).toEqual({ prompt: '1' });
});

it('leaves other files alone', async () => {
  await writeFile(join(dir, 'notes.txt'), 'mine');
  open();
  expect(await readdir(dir)).toEqual(['notes.txt']);
});

it('names the folder that cannot be used', async () => {
  await writeFile(join(dir, 'file'), '');
  dir = join(dir, 'file');
  expect(() => open()).toThrow(/rooms cannot be kept in .*file/);
  dir = join(dir, '..');
});
