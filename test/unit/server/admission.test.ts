import { afterEach, describe, expect, it, vi } from 'vitest';
import { Admission, type AdmissionOptions, type Candidate } from '../../../server/src/session/admission.js';
import { recordFaults, unguarded } from '../../helpers/fakes.js';

/** A client that records what it is told. */
class FakeClient implements Candidate {
  readonly told: (number | 'in' | 'out')[] = [];
  constructor(
    readonly costMs: number,
    public seenMs: number,
  ) {}
  frameMs = () => this.costMs;
  lastFrameMs = () => this.seenMs;
  admit = () => void this.told.push('in');
  tellPosition = (position: number) => void this.told.push(position);
  givePlace = () => void this.told.push('out');
}

function create(options: Partial<AdmissionOptions> = {}) {
  const clock = { ms: 100_000 };
  const now = () => clock.ms;
  const admission = new Admission<FakeClient>({
    maxSessions: 9,
    maxWaiting: 9,
    devices: () => 1,
    idleMs: 1e9,
    guard: unguarded,
    now,
    ...options,
  });
  const enter = (costMs = 1) => {
    const client = new FakeClient(costMs, clock.ms);
    return Object.assign(client, { entered: admission.enter(client, false) });
  };
  return { admission, clock, enter };
}

describe('Admission', () => {
  it('admits as many as there are places, and tells the others their position', () => {
    const { admission, enter } = create({ maxSessions: 1 });
    const [first, second, third] = [enter(), enter(), enter()];
    expect([first.told, second.told, third.told]).toEqual([['in'], [1], [2]]);
    admission.leave(first);
    expect([second.told, third.told]).toEqual([
      [1, 'in'],
      [2, 1],
    ]);
  });

  it('refuses when the line is full', () => {
    const { enter } = create({ maxSessions: 1, maxWaiting: 1 });
    expect([enter(), enter(), enter()].map(({ entered }) => entered)).toEqual([true, true, false]);
  });

  it('admits only as many as the devices can give an image a second', () => {
    const { enter } = create({ devices: () => 2 });
    const told = [1, 2, 3, 4, 5].map(() => enter(500).told[0]);
    expect(told).toEqual(['in', 'in', 'in', 'in', 1]);
  });

  it('always admits the first, however slow the device', () => {
    expect(create().enter(60_000).told).toEqual(['in']);
  });

  it('does not count a client that sends nothing', () => {
    const { clock, enter } = create();
    for (let i = 0; i < 2; i++) enter(500);
    clock.ms += 11_000;
    expect(enter(500).told).toEqual(['in']);
  });

  it('forgets one that leaves the line', () => {
    const { admission, enter } = create({ maxSessions: 1 });
    enter();
    const [second, third] = [enter(), enter()];
    admission.leave(second);
    expect(third.told).toEqual([2, 1]);
    expect(admission.waiting).toBe(1);
  });

  it('survives thousands that leave at the moment they are admitted', () => {
    const { admission } = create({ maxSessions: 1, maxWaiting: 50_000 });
    const first = new FakeClient(1, 0);
    admission.enter(first, false);
    const refused = Array.from({ length: 50_000 }, () => new FakeClient(1, 0));
    for (const client of refused) {
      client.admit = () => {
        client.told.push('in');
        admission.leave(client);
      };
      admission.enter(client, false);
    }
    expect(admission.waiting).toBe(50_000);
    admission.leave(first);
    expect(admission.waiting).toBe(0);
    // Let in once each, in the order in which they came.
    expect(refused.map(({ told }) => told)).toEqual(refused.map((_, i) => [i + 1, 'in']));
  });

  it('moves everybody on when a client leaves as it is told its position', () => {
    const { admission, enter } = create({ maxSessions: 1 });
    const first = enter();
    const [second, third, fourth] = [enter(), enter(), enter()];
    third.tellPosition = () => void admission.leave(third);
    admission.leave(first);
    expect([second.told, fourth.told]).toEqual([
      [1, 'in'],
      [3, 2, 1],
    ]);
  });

  it('gives a returning client its place back, unless somebody waits', () => {
    const { admission, clock, enter } = create();
    for (let i = 0; i < 2; i++) enter(500);
    const returning = new FakeClient(500, clock.ms);
    admission.enter(returning, true);
    expect(returning.told).toEqual(['in']);
    enter(500);
    const late = new FakeClient(500, clock.ms);
    admission.enter(late, true);
    expect(late.told).toEqual([2]);
  });
});

describe('the look at the line once a second', () => {
  afterEach(() => vi.useRealTimers());

  it('goes on after something threw in it, which is counted', () => {
    vi.useFakeTimers();
    const { guard, faults } = recordFaults();
    const { admission, enter } = create({ maxSessions: 1, idleMs: 10, guard });
    const first = enter();
    const second = enter();
    let throws = 2;
    first.lastFrameMs = () => {
      if (throws-- > 0) throw new Error('broken');
      return 0;
    };
    vi.advanceTimersByTime(2_000);
    expect([faults, first.told]).toEqual([['line', 'line'], ['in']]);
    vi.advanceTimersByTime(1_000);
    expect([first.told, second.told]).toEqual([['in', 'out'], [1]]);
    admission.leave(second);
    admission.leave(first);
  });
});
