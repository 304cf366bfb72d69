import { describe, expect, it, vi } from 'vitest';
import { OPEN_GRANT, type Grant } from '../../../server/src/access/grant.js';
import type { Rejection } from '../../../server/src/session/participant.js';
import { settled } from '../../helpers/fakes.js';
import { createSession, frame, told, type TestSession } from '../../helpers/test-session.js';

let t: TestSession;

describe('admission', () => {
  let answer: (decision?: Grant | Rejection) => void;
  const ask = () => {
    const admit = () =>
      new Promise<Grant | Rejection>((resolve) => (answer = (decision = OPEN_GRANT) => resolve(decision)));
    t = createSession({ session: { admit } });
    t.session.handleMessage({ type: 'hello' });
  };

  it('keeps a client waiting until it is decided', async () => {
    ask();
    await settled();
    expect(t.channel.sent).toEqual([]);
    expect(t.session.isKnown).toBe(true);
    answer();
    await settled();
    expect(t.channel.sent).toMatchObject([{ type: 'welcome' }]);
  });

  it('closes a client that is turned away, and says why', async () => {
    ask();
    answer({ code: 1008, reason: 'the token is not valid' });
    await settled();
    expect(t.channel.closed).toEqual({ code: 1008, reason: 'the token is not valid' });
    expect(t.channel.sent).toEqual([]);
  });

  it('forgets a client that leaves meanwhile', async () => {
    ask();
    t.channel.handleClosed();
    answer();
    await settled();
    expect(t.channel.sent).toEqual([]);
    expect(t.session.canvas).toBeUndefined();
  });

  it('closes a client whose admission failed', async () => {
    const guard = (_where: string, work: () => unknown, onFault: () => void) =>
      void Promise.resolve(work()).catch(onFault);
    t = createSession({ session: { guard, admit: () => Promise.reject(new Error('the token service is gone')) } });
    t.session.handleMessage({ type: 'hello' });
    await settled();
    expect(t.channel.closed?.code).toBe(1011);
  });

  it('keeps messages that a client sent ahead of its welcome, in order', async () => {
    ask();
    for (const message of [frame(1), { type: 'params', params: { seed: 5 } }, frame(2)] as const) {
      t.session.handleMessage(message);
    }
    answer();
    await settled();
    expect(told(t)).toMatchObject([
      { type: 'params', version: 1 },
      { type: 'dropped', seq: 1, reason: 'replaced' },
    ]);
    expect(t.canvas.take()?.frame.seq).toBe(2);
  });

  it('closes a client that sends a hundred messages ahead of its welcome', () => {
    ask();
    for (let seq = 1; seq <= 101; seq++) t.session.handleMessage(frame(seq));
    expect(t.channel.closed?.code).toBe(1008);
  });
});

describe('a room that takes time to load', () => {
  const left = vi.fn();
  let loaded: () => void;
  const enter = () => {
    const participant = { leave: left } as never;
    t = createSession({
      session: {
        rooms: {
          prepare: () => Promise.resolve(undefined),
          isAwake: () => false,
          load: () => new Promise((resolve) => (loaded = () => resolve(undefined))),
          enter: () => participant,
        },
      },
    });
    t.session.handleMessage({ type: 'hello', room: 'a', author: 1 });
    return settled();
  };

  it('is not entered by a client that left meanwhile', async () => {
    await enter();
    t.channel.handleClosed();
    loaded();
    await settled();
    expect(t.channel.sent).toEqual([]);
    expect(t.session.canvas).toBeUndefined();
    expect(left).not.toHaveBeenCalled();
  });
});
