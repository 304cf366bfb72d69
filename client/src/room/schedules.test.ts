import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Mark } from '../drawing/marks.js';
import { FakeHub } from './fake-hub.fake.js';
import { Room } from './room.js';

/* A few people draw, undo, clear, disconnect and reconnect in random order, over slow connections. */

const SCHEDULES = 2_000;
const deeds = fc.oneof(
  ...Object.entries({ draw: 8, undo: 3, redo: 1, clear: 1, carry: 12, cut: 2, enter: 3 }).map(([is, weight]) => ({
    weight,
    arbitrary: fc.constant(is),
  })),
);
const schedule = fc.record({
  count: fc.integer({ min: 2, max: 5 }),
  steps: fc.array(fc.record({ is: deeds, who: fc.nat(4), at: fc.nat(30) }), { maxLength: 60 }),
});

/** A few people. Messages wait until the test delivers them. */
class World {
  readonly rooms: readonly Room[];
  readonly hub = new FakeHub((way, member, arrive) => this.#line(way, member).push(arrive));
  readonly #lines = new Map<string, (() => void)[]>();
  readonly #members = new Map<Room, number>();

  constructor(count: number) {
    const self = { name: '', colour: 0, cursor: null, isDrawing: false, move: null, view: '' };
    this.rooms = Array.from({ length: count }, () => new Room({ key: 'key', self }));
    for (const room of this.rooms) this.enter(room);
    this.carryAll();
  }

  enter(room: Room): void {
    if (!this.#members.has(room)) this.#members.set(room, this.hub.enter(room));
  }

  cut(room: Room): void {
    const member = this.#members.get(room);
    if (member === undefined) return;
    this.#members.delete(room);
    this.hub.leave(member);
    for (const way of ['up', 'down'] as const) this.#lines.delete(way + member);
  }

  /** Delivers one message. @returns false if no message is waiting */
  carry(which: number): boolean {
    const busy = [...this.#lines.values()].filter(({ length }) => length > 0);
    busy[which % busy.length]?.shift()!();
    return busy.length > 0;
  }

  carryAll(): void {
    while (this.carry(0));
  }

  #line(way: string, member: number): (() => void)[] {
    const line = this.#lines.get(way + member) ?? [];
    this.#lines.set(way + member, line);
    return line;
  }
}

function mark(at: number): Mark {
  return { kind: 'fill', color: '#ff0000', opacity: 1, at: [at, at] };
}

it('all drawings become equal, in any order of messages', () => {
  fc.assert(
    fc.property(schedule, ({ count, steps }) => {
      const world = new World(count);
      for (const { is, who, at } of steps) {
        const room = world.rooms[who % count]!;
        if (is === 'draw') room.drawing.add(mark(at));
        else if (is === 'undo' || is === 'redo' || is === 'clear') room.drawing[is]();
        else if (is === 'carry') world.carry(at);
        else if (is === 'cut') world.cut(room);
        else world.enter(room);
      }
      for (const room of world.rooms) world.enter(room);
      world.carryAll();
      const drawings = world.rooms.map(({ drawing }) => drawing.state.marks);
      for (const marks of drawings) expect(marks).toEqual(drawings[0]);
      expect(world.hub.document.getArray('marks').length).toBe(drawings[0]!.length);
      for (const room of world.rooms) room.close();
    }),
    { numRuns: SCHEDULES },
  );
}, 60_000);
