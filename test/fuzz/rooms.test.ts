import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import * as Y from 'yjs';
import { RoomWorld } from '../helpers/room-world.js';
import { tries } from './scale.js';

/* Any order of events for a few people who draw in one room, on a clock that only the script moves. */

const WEIGHTS = { draw: 10, erase: 2, cut: 2, connect: 3, lock: 1 } as const;
const happenings = fc.oneof(
  ...Object.entries(WEIGHTS).map(([is, weight]) => ({
    weight,
    arbitrary: fc.constant(is as keyof typeof WEIGHTS),
  })),
);
const script = fc.record({
  // The rule for uploads needs messages that take less than a second each way.
  latencies: fc.array(fc.integer({ min: 1, max: 950 }), { minLength: 2, maxLength: 5 }),
  events: fc.array(
    fc.record({ is: happenings, who: fc.nat(4), at: fc.nat(20), afterMs: fc.constantFrom(0, 5, 60, 700, 2_500) }),
    { maxLength: 30 },
  ),
});
const SETTLE_MS = 30_000;
const TIMEOUT_MS = 1_800_000;

beforeAll(() => {
  vi.useFakeTimers({ now: 1_000, toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
});
afterAll(() => void vi.useRealTimers());

type Script = typeof script extends fc.Arbitrary<infer S> ? S : never;

async function play(world: RoomWorld, events: Script['events']): Promise<void> {
  const { painters } = world;
  for (const { is, who, at, afterMs } of events) {
    await vi.advanceTimersByTimeAsync(afterMs);
    const painter = painters[who % painters.length]!;
    if (is === 'draw') painter.draw();
    if (is === 'erase') painter.erase(at);
    if (is === 'cut') painter.cut(at * 100);
    if (is === 'connect') painter.connect();
    if (is === 'lock') painters[0]!.lock(at % 2 === 0);
  }
}

/** Reconnects everybody and waits until all messages have arrived. */
async function settle({ painters }: RoomWorld, isSettled: () => boolean): Promise<void> {
  for (const painter of painters) painter.connect();
  for (let ms = 0; ms < SETTLE_MS && !isSettled(); ms += 500) {
    if (painters[0]!.isLocked) painters[0]!.lock(false);
    await vi.advanceTimersByTimeAsync(500);
  }
}

it(
  'all drawings become equal, and the last frame holds every stroke',
  async () => {
    await fc.assert(
      fc.asyncProperty(script, async ({ latencies, events }) => {
        // Timers of a failed script must not disturb the next one.
        vi.clearAllTimers();
        const world = new RoomWorld(latencies);
        await play(world, events);
        const drawn = () => world.painters.map(({ doc }) => Buffer.from(Y.encodeStateAsUpdate(doc)).toString('hex'));
        const shown = () => world.painters.map(({ marks, picture }) => JSON.stringify(marks.toJSON()) === picture);
        await settle(world, () => new Set(drawn()).size === 1 && shown().every(Boolean));
        // It stays so.
        await vi.advanceTimersByTimeAsync(5_000);
        expect(new Set(world.painters.map(({ marks }) => marks.toJSON().join())).size).toBe(1);
        expect(shown()).toEqual(latencies.map(() => true));
        await world.end();
        expect(vi.getTimerCount()).toBe(0);
      }),
      tries('scripts of a room', 50_000),
    );
  },
  TIMEOUT_MS,
);

it(
  'the author of the last stroke uploads a frame with every stroke without being asked',
  async () => {
    const drawings = script.map(({ latencies, events }) => ({
      latencies,
      events: events.filter(({ is }) => is === 'draw'),
    }));
    await fc.assert(
      fc.asyncProperty(drawings, async ({ latencies, events }) => {
        vi.clearAllTimers();
        fc.pre(events.length > 0);
        const world = new RoomWorld(latencies);
        for (const painter of world.painters) painter.answers = false;
        await vi.advanceTimersByTimeAsync(5_000);
        await play(world, events);
        await vi.advanceTimersByTimeAsync(5_000);
        const drawing = JSON.stringify(world.painters[0]!.marks.toJSON());
        expect(world.painters.some(({ uploads }) => uploads.includes(drawing))).toBe(true);
        await world.end();
      }),
      tries('scripts of people who only draw', 5_000),
    );
  },
  TIMEOUT_MS,
);
