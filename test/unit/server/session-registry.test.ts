import { afterEach, describe, expect, it } from 'vitest';
import type { Canvas } from '../../../server/src/canvas/canvas.js';
import { SessionRegistry } from '../../../server/src/session/registry.js';
import { enterSession } from '../../helpers/test-session.js';

interface FakeSession {
  close(): void;
}

const RESUME_MS = 60_000;
let registry: SessionRegistry<FakeSession>;
afterEach(() => registry.clear());

function create(maxParked: number): void {
  registry = new SessionRegistry<FakeSession>({ resumeTtlMs: RESUME_MS, maxParked });
}

/** Comes from an address, sends so many frames and goes; the secret that brings it back. */
function visit(address: string, frames = 1, canvas?: Canvas): string {
  const session = { close: () => undefined };
  const memory = registry.open(session, undefined);
  memory.lastSeq = frames;
  memory.canvas = canvas;
  registry.park(session, memory, address);
  return memory.resume;
}

describe('SessionRegistry', () => {
  it('keeps a session that drew or chose parameters, and no other', async () => {
    create(4);
    expect(registry.takeOver(visit('a', 1))).toBe(true);
    expect(registry.takeOver(visit('a', 0))).toBe(false);
    const { session } = await enterSession();
    session.handleMessage({ type: 'params', params: { seed: 9 } });
    const resume = visit('a', 0, session.canvas);
    expect(registry.takeOver(resume)).toBe(true);
  });

  it('hands over a live session, also a blank one', () => {
    create(4);
    const first = { close: () => registry.park(first, memory, 'a') };
    const memory = registry.open(first, undefined);
    expect(registry.takeOver(memory.resume)).toBe(true);
    expect(registry.open({ close: () => undefined }, memory.resume)).toBe(memory);
  });

  it('gives a memory to the last of two sessions that ask for it before either is live', () => {
    create(4);
    const resume = visit('a', 1);
    expect([registry.takeOver(resume), registry.takeOver(resume)]).toEqual([true, true]);
    const first = { close: () => registry.park(first, memory, 'a') };
    const memory = registry.open(first, resume);
    expect(registry.open({ close: () => undefined }, resume)).toBe(memory);
    expect(registry.size).toBe(1);
  });

  it('keeps the sessions of others when one address comes and goes', () => {
    create(4);
    const [ours, ...theirs] = [visit('a'), ...Array.from({ length: 50 }, () => visit('b'))];
    const late = visit('c');
    expect([ours, late].map((resume) => registry.takeOver(resume))).toEqual([true, true]);
    expect(theirs.filter((resume) => registry.takeOver(resume))).toEqual(theirs.slice(-2));
  });

  it('loses the oldest if all are of one address, as behind a proxy', () => {
    create(3);
    const kept = Array.from({ length: 5 }, () => visit('proxy')).map((resume) => registry.takeOver(resume));
    expect(kept).toEqual([false, false, true, true, true]);
  });

  it('has capacity for others when a session returns', () => {
    create(2);
    const [first, second] = [visit('a'), visit('a')];
    registry.open({ close: () => undefined }, first);
    const third = visit('b');
    expect([second, third].map((resume) => registry.takeOver(resume))).toEqual([true, true]);
  });
});
