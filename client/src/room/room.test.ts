import { encodeMessage, type RoomRequest } from '@underpaint/shared';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { transformed } from '../selection/edits.js';
import { FakeHub } from './fake-hub.fake.js';
import { Room } from './room.js';
import { documentOf } from './shared-document.js';

const LINE = { kind: 'line', color: '#ff0000', size: 4, opacity: 1, from: [0, 0], to: [9, 9] } as const;

/** A presence message has at most 2 048 bytes. */
const isSmall = ({ message }: { readonly message: RoomRequest }) =>
  message.type === 'presence' && message.data.length <= 2_048;

describe('Room', () => {
  let hub: FakeHub;
  let nowMs = 0;
  const rooms: Room[] = [];

  beforeEach(() => {
    hub = new FakeHub();
    nowMs = 0;
  });
  afterEach(() => {
    for (const room of rooms.splice(0)) room.close();
  });

  /** A member whose canvas paints at once. */
  function person(name: string): Room {
    const self = { name, colour: 1, cursor: null, isDrawing: false, move: null, view: 'side' };
    const room = new Room({ key: 'key', self, now: () => nowMs });
    rooms.push(room);
    room.drawing.addEventListener('change', () => queueMicrotask(() => room.painted({ isPenDown: false })));
    return room;
  }

  const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

  it('gives all strokes to all members, also to late ones', async () => {
    const [ada, ben, eve] = [person('Ada'), person('Ben'), person('Eve')];
    hub.enter(ada);
    hub.enter(ben);
    ada.drawing.add(LINE);
    ben.drawing.add({ ...LINE, color: '#0000ff' });
    hub.enter(eve, 'viewer');
    await settled();
    for (const room of [ada, ben, eve]) expect(room.drawing.state.marks).toHaveLength(2);
    expect(ben.drawing.state).toEqual(ada.drawing.state);
    expect(eve.people.map(({ member }) => member)).toEqual([3, 1, 2]);
  });

  it('shows marks on the move by presence alone, and writes them once when they are let go', async () => {
    const [ada, ben] = [person('Ada'), person('Ben')];
    hub.enter(ada);
    hub.enter(ben);
    for (let i = 0; i < 100; i++) ada.drawing.add({ ...LINE, from: [i, 0] });
    await settled();
    const before = Y.encodeStateAsUpdate(hub.document).length;
    const marks = new Set(ada.drawing.state.marks);
    for (let i = 1; i <= 30; i++) {
      ada.drawing.lift({ marks, matrix: [1, 0, 0, 1, i, 0] });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(Y.encodeStateAsUpdate(hub.document).length, 'the document does not grow').toBe(before);
    expect(ben.drawing.lifted).toMatchObject([{ matrix: [1, 0, 0, 1, 30, 0] }]);
    expect(ben.drawing.lifted[0]!.marks.size).toBe(100);
    expect(hub.sent.filter(({ message }) => message.type === 'presence').every(isSmall)).toBe(true);
    ada.drawing.lift(null);
    ada.drawing.change({ marks: transformed(ada.drawing.state.marks, marks, [1, 0, 0, 1, 30, 0]) });
    await settled();
    expect(ben.drawing.state).toEqual(ada.drawing.state);
    const landed = ben.drawing.lifted.flatMap((each) => ben.drawing.state.marks.filter((mark) => each.marks.has(mark)));
    expect(landed, 'no mark is shown twice as far').toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(ben.drawing.lifted).toEqual([]);
  });

  it('keeps the parts of a document few when a group is moved again and again', async () => {
    const ada = person('Ada');
    hub.enter(ada);
    for (let i = 0; i < 50; i++) ada.drawing.add({ ...LINE, from: [i, 0] });
    for (let i = 0; i < 20; i++) {
      const { marks } = ada.drawing.state;
      ada.drawing.change({ marks: transformed(marks, new Set(marks), [1, 0, 0, 1, 1, 0]) });
    }
    await settled();
    const items = [...hub.document.store.clients.values()].flat();
    expect(items.length).toBeLessThan(50 + 60);
    ada.drawing.undo();
    expect(ada.drawing.state.marks[0]!.matrix).toEqual([1, 0, 0, 1, 19, 0]);
  });

  it('shows a mark once that two people move at the same time', async () => {
    const [ada, ben] = [person('Ada'), person('Ben')];
    const member = hub.enter(ada);
    hub.enter(ben);
    ada.drawing.add(LINE);
    await settled();
    hub.leave(member);
    for (const { drawing } of [ada, ben]) {
      const { marks } = drawing.state;
      drawing.change({ marks: transformed(marks, new Set(marks), [1, 0, 0, 1, 5, 0]) });
    }
    hub.enter(ada);
    await settled();
    expect(ada.drawing.state.marks).toHaveLength(1);
    expect(ben.drawing.state).toEqual(ada.drawing.state);
  });

  it('merges strokes drawn offline, in both directions', async () => {
    const [ada, ben] = [person('Ada'), person('Ben')];
    const member = hub.enter(ada);
    hub.enter(ben);
    hub.leave(member);
    ada.drawing.add(LINE);
    ada.drawing.add(LINE);
    ben.drawing.add({ ...LINE, color: '#0000ff' });
    await settled();
    expect(ben.drawing.state.marks).toHaveLength(1);
    hub.uploads.length = 0;
    const again = hub.enter(ada);
    await settled();
    expect(ada.drawing.state.marks).toHaveLength(3);
    expect(ben.drawing.state).toEqual(ada.drawing.state);
    expect(hub.uploads, 'a frame of the merged drawing is uploaded').toContain(again);
    expect(ada.link.label()).toEqual({ drawn: 1 });
  });

  it('sends a stroke in less than a kilobyte', () => {
    const ada = person('Ada');
    hub.enter(ada);
    hub.sent.length = 0;
    const points = Array.from(
      { length: 400 },
      (_, i) => [128 + 90 * Math.cos(i / 25), 128 + 90 * Math.sin(i / 25), 0.5] as const,
    );
    ada.drawing.add({
      kind: 'stroke',
      color: '#2f4a35',
      size: 12,
      opacity: 1,
      smoothing: 0.5,
      pressure: false,
      points,
    });
    const updates = hub.sent.filter(({ message }) => message.type === 'drawing');
    expect(updates).toHaveLength(1);
    expect(encodeMessage(updates[0]!.message).length).toBeLessThanOrEqual(1_024);
  });

  it('sends and receives a big drawing in chunks', async () => {
    const [ada, ben] = [person('Ada'), person('Ben')];
    documentOf(ada.drawing)
      .getArray<Uint8Array>('marks')
      .push([crypto.getRandomValues(new Uint8Array(60_000))]);
    for (let i = 0; i < 6; i++)
      documentOf(ada.drawing)
        .getArray<Uint8Array>('marks')
        .push([crypto.getRandomValues(new Uint8Array(60_000))]);
    hub.enter(ada);
    const chunks = hub.sent.filter(({ message }) => message.type === 'drawing' && message.kind === 'state');
    expect(chunks.length).toBeGreaterThan(2);
    hub.enter(ben);
    expect(documentOf(ben.drawing).getArray('marks').length).toBe(7);
  });

  it('uploads after own edits, and after other edits within two seconds', async () => {
    const [ada, ben] = [person('Ada'), person('Ben')];
    const [adaNumber, benNumber] = [hub.enter(ada), hub.enter(ben)];
    await settled();
    hub.uploads.length = 0;
    ada.drawing.add(LINE);
    await settled();
    expect(hub.uploads, 'Ben has not drawn lately').toEqual([adaNumber]);
    nowMs = 1_500;
    ben.drawing.add(LINE);
    await settled();
    expect(hub.uploads.slice(1).toSorted()).toEqual([adaNumber, benNumber]);
    hub.uploads.length = 0;
    nowMs = 3_400;
    ben.drawing.undo();
    await settled();
    expect(hub.uploads, 'Ada has not drawn lately').toEqual([benNumber]);
    ada.link.receive({ type: 'upload' });
    await settled();
    expect(hub.uploads.at(-1), 'the server asked her to').toBe(adaNumber);
  });

  it('uploads nothing before it has the drawing, and never for a viewer', async () => {
    const [ada, eve] = [person('Ada'), person('Eve')];
    expect(ada.link.label()).toBeNull();
    hub.enter(ada);
    hub.enter(eve, 'viewer');
    await settled();
    expect(ada.link.label()).toEqual({ drawn: 1 });
    ada.drawing.add(LINE);
    await settled();
    expect(eve.link.label()).toBeNull();
    eve.drawing.add(LINE);
    expect(eve.drawing.state.marks).toHaveLength(1);
    ada.link.closed();
    expect(ada.link.label(), 'offline').toBeNull();
  });

  it('knows the members and their names, and reports who joined and left', async () => {
    const [ada, ben] = [person('Ada'), person('Ben')];
    hub.enter(ada);
    const told: string[] = [];
    for (const name of ['joined', 'left'] as const) {
      ada.addEventListener(name, ({ detail }) =>
        told.push(`${name} ${detail.map(({ state }) => state?.name ?? '?').join()}`),
      );
    }
    const member = hub.enter(ben);
    await settled();
    ben.presence.set({ cursor: [0.25, 0.5] });
    ben.painted({ isPenDown: true });
    await settled();
    await settled();
    const [, other] = ada.people;
    expect(other?.state).toMatchObject({ name: 'Ben', cursor: [0.25, 0.5], isDrawing: true });
    hub.leave(member);
    expect(told).toEqual(['joined Ben', 'left Ben']);
    expect(ada.people).toHaveLength(1);
    expect(ada.presence.of(ben.drawing.author)).toBeNull();
  });

  it('sends at most 30 cursors a second, and always the last one', async () => {
    const [ada, ben] = [person('Ada'), person('Ben')];
    hub.enter(ada);
    hub.enter(ben);
    await settled();
    hub.sent.length = 0;
    const began = performance.now();
    while (performance.now() - began < 300) {
      ada.presence.set({ cursor: [(performance.now() - began) / 400, 0.5] });
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    ada.presence.set({ cursor: [1, 1] });
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(hub.sent.filter(({ message }) => message.type === 'presence').length).toBeLessThanOrEqual(12);
    expect(ben.presence.of(ada.drawing.author)?.cursor).toEqual([1, 1]);
  });

  it('sanitizes the presence of other people', () => {
    const [ada, ben] = [person('Ada'), person('Ben')];
    hub.enter(ada);
    hub.enter(ben);
    ben.presence.set({ name: 'x'.repeat(999), colour: -3.5, cursor: [7, NaN], view: 3 as never });
    ben.presence.tell();
    expect(ada.people[1]?.state?.name.length ?? 0).toBeLessThanOrEqual(32);
  });

  it('is locked by its owner, and shows only the presenter’s camera', async () => {
    const [ada, ben] = [person('Ada'), person('Ben')];
    const adaNumber = hub.enter(ada, 'owner');
    hub.enter(ben);
    await settled();
    ada.setLocked(true);
    expect([ada.canEdit, ben.canEdit, ben.drawing.isEditable]).toEqual([true, false, false]);
    ada.setLocked(false);
    expect(ben.canEdit).toBe(true);
    ada.setPresenter(adaNumber);
    ada.showsCamera = ben.showsCamera = true;
    expect([ada.link.label(), ben.link.label()]).toEqual([{ camera: true }, null]);
    expect(ben.presenter?.member).toBe(adaNumber);
  });

  it('remembers people who left, as long as there are marks of theirs', async () => {
    const [ada, ben, eve] = [person('Ada'), person('Ben'), person('Eve')];
    hub.enter(ada);
    const [benNumber, eveNumber] = [hub.enter(ben), hub.enter(eve)];
    ben.drawing.add(LINE);
    await settled();
    hub.leave(benNumber);
    hub.leave(eveNumber);
    expect(ada.gone).toMatchObject([{ state: { name: 'Ben' } }]);
    ada.drawing.takeBack(ben.drawing.author, 'all');
    expect(ada.gone).toEqual([]);
    ada.drawing.undo();
    hub.enter(ben);
    expect(ada.gone).toEqual([]);
  });

  it('reports the presenter to a late member, once that person is known', () => {
    const ada = person('Ada');
    const told: unknown[] = [];
    ada.addEventListener('presenterchange', ({ detail }) => told.push(detail?.member));
    hub.enter(ada);
    ada.link.receive({ type: 'role', role: 'editor', locked: false, closed: false, presenter: 7 });
    expect(told).toEqual([]);
    ada.link.receive({ type: 'member', event: 'here', members: [{ member: 7, author: 1, role: 'editor' }] });
    ada.link.receive({ type: 'role', role: 'editor', locked: false, closed: false, presenter: 7 });
    expect(told).toEqual([7]);
    ada.link.receive({ type: 'role', role: 'editor', locked: false, closed: false, presenter: null });
    expect(told).toEqual([7, undefined]);
  });
});
