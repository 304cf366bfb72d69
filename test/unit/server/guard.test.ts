import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { createGuard, type Guard } from '../../../server/src/guard.js';

let logged: { err: Error; where: string }[];
let counted: string[];
let guard: Guard;
beforeEach(() => {
  [logged, counted] = [[], []];
  guard = createGuard({
    log: { error: (entry: { err: Error; where: string }) => void logged.push(entry) } as never,
    faults: { inc: ({ where }: { where: string }) => void counted.push(where) } as never,
  });
});

const fault = new Error('broken');

describe('a guard', () => {
  it('runs the work and does nothing else when it succeeds', () => {
    let ran = 0;
    guard(
      'timer',
      () => ran++,
      () => (ran = NaN),
    );
    expect([ran, counted, logged]).toEqual([1, [], []]);
  });

  it('ends the request or session when the work throws, with a log line and a count', () => {
    let ended = 0;
    guard(
      'timer',
      () => {
        throw fault;
      },
      () => ended++,
    );
    expect([ended, counted, logged]).toEqual([1, ['timer'], [{ err: fault, where: 'timer' }]]);
  });

  it('does so when its promise rejects', async () => {
    let ended = 0;
    guard(
      'http',
      () => Promise.reject(fault),
      () => ended++,
    );
    await setImmediate();
    expect([ended, counted, logged]).toEqual([1, ['http'], [{ err: fault, where: 'http' }]]);
  });

  it('does not throw when the ending throws too', () => {
    const broken = () => {
      throw fault;
    };
    guard('message', broken, broken);
    expect(counted).toEqual(['message', 'message']);
  });
});
