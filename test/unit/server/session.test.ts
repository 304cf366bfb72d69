import { beforeEach, describe, expect, it, vi } from 'vitest';
import { FrameError } from '../../../server/src/errors.js';
import { createRegistry, rendered } from '../../helpers/fakes.js';
import {
  createSession,
  enterSession,
  fillWindow,
  frame,
  render,
  told,
  type TestSession,
} from '../../helpers/test-session.js';

let t: TestSession;
beforeEach(async () => void (t = await enterSession()));

function welcomeOf({ channel }: TestSession) {
  const [welcome] = channel.sent;
  if (welcome?.type !== 'welcome') throw new Error('the session was not welcomed');
  return welcome;
}

describe('hello', () => {
  it('is answered by welcome with everything a client needs', () => {
    expect(t.channel.sent).toMatchObject([
      { type: 'welcome', protocol: 1, lastSeq: 0, model: { id: 'tiny', width: 8 }, limits: { maxFrameBytes: 1_000 } },
    ]);
  });

  it('must come first', () => {
    const { session, channel } = createSession();
    session.handleMessage(frame(1));
    expect(channel.closed).toEqual({ code: 4000, reason: 'the first message must be hello, not frame' });
  });

  it('may come only once', () => {
    t.session.handleMessage({ type: 'hello' });
    expect(t.channel.closed?.code).toBe(4000);
  });
});

describe('frames', () => {
  it('end as an image that names them', () => {
    t.session.handleMessage(frame(1));
    render(t);
    expect(t.channel.images).toMatchObject([{ seq: 1, at: 10, reason: 'frame', version: 0 }]);
  });

  it('replace one that waits, which is told', () => {
    t.session.handleMessage(frame(1));
    t.session.handleMessage(frame(2));
    expect(told(t)).toEqual([{ type: 'dropped', seq: 1, reason: 'replaced' }]);
    expect(t.canvas.take()?.frame.seq).toBe(2);
  });

  it('do not replace the one that runs', () => {
    t.session.handleMessage(frame(1));
    const claim = t.canvas.take()!;
    t.session.handleMessage(frame(2));
    expect(t.canvas.readyAt()).toBeNull();
    t.canvas.deliver(claim, rendered());
    expect(t.channel.images.map(({ seq }) => seq)).toEqual([1]);
    expect(t.canvas.readyAt()).not.toBeNull();
  });

  it('keep their place in line when they are replaced', () => {
    t.session.handleMessage(frame(1));
    t.clock.ms += 50;
    t.session.handleMessage(frame(2));
    expect(t.canvas.waitingSince()).toBe(1_000);
  });

  it('must rise in seq', () => {
    t.session.handleMessage(frame(2));
    t.session.handleMessage(frame(2));
    expect(t.channel.closed?.code).toBe(4000);
  });

  it('larger than the limit fail alone', () => {
    t.session.handleMessage({ type: 'frame', seq: 1, data: new Uint8Array(1_001) });
    expect(told(t)).toMatchObject([{ type: 'error', code: 'image-too-large', seq: 1, retryable: false }]);
    t.session.handleMessage(frame(2));
    render(t);
    expect(t.channel.images).toHaveLength(1);
  });

  it('with the same bytes and parameters as the image are not run', () => {
    t.session.handleMessage(frame(1, 5));
    render(t);
    t.session.handleMessage(frame(2, 5));
    expect(t.canvas.take()).toBeUndefined();
    expect(told(t)).toEqual([{ type: 'dropped', seq: 2, reason: 'unchanged' }]);
  });

  it('of the same bytes run again when a parameter changed', () => {
    t.session.handleMessage(frame(1, 5));
    render(t);
    t.session.handleMessage({ type: 'params', params: { seed: 9 } });
    t.session.handleMessage(frame(2, 5));
    render(t);
    expect(t.channel.images.map(({ seq, version }) => [seq, version])).toEqual([
      [1, 0],
      [2, 1],
    ]);
  });

  it('are limited in rate by waiting, never by loss', () => {
    t.session.handleMessage(frame(1));
    render(t);
    t.session.handleMessage(frame(2));
    expect(t.canvas.readyAt()).toBe(1_000 + 100);
  });

  it('that fail are told, and the session goes on', () => {
    t.session.handleMessage(frame(1));
    t.canvas.fail(t.canvas.take()!, new FrameError('bad-image', 'not a picture'));
    expect(told(t)).toEqual([{ type: 'error', code: 'bad-image', message: 'not a picture', retryable: false, seq: 1 }]);
    t.session.handleMessage(frame(2));
    render(t);
    expect(t.channel.images).toHaveLength(1);
  });

  it.each([
    ['worker-failed', true],
    ['bad-image', false],
  ] as const)('that fail with %s are tried again with new parameters: %s', (code, isTriedAgain) => {
    t.session.handleMessage(frame(1));
    t.canvas.fail(t.canvas.take()!, new FrameError(code, 'no'));
    t.session.handleMessage({ type: 'params', params: { seed: 7 } });
    expect(t.canvas.readyAt() !== null).toBe(isTriedAgain);
  });

  it('are not claimed while an image waits for its reader', () => {
    fillWindow(t, 1);
    t.session.handleMessage(frame(9));
    expect(t.canvas.readyAt()).toBeNull();
    t.channel.acknowledge(1);
    expect(t.canvas.readyAt()).not.toBeNull();
  });
});

describe('params', () => {
  it('are answered with all of them and a new version', () => {
    t.session.handleMessage({ type: 'params', params: { steps: 99, prompt: 'a lake' } });
    expect(told(t)).toMatchObject([{ type: 'params', version: 1, params: { steps: 8, prompt: 'a lake' } }]);
  });

  it('render the last frame again', () => {
    t.session.handleMessage(frame(1));
    render(t);
    t.session.handleMessage({ type: 'params', params: { seed: 2 } });
    render(t);
    expect(t.channel.images.map(({ seq, reason }) => [seq, reason])).toEqual([
      [1, 'frame'],
      [1, 'params'],
    ]);
  });

  it('reach a frame that waits already, which is rendered once', () => {
    t.session.handleMessage(frame(1));
    t.session.handleMessage({ type: 'params', params: { prompt: 'night' } });
    const claim = t.canvas.take()!;
    expect(claim).toMatchObject({ reason: 'frame', version: 1, request: { params: { prompt: 'night' } } });
    t.canvas.deliver(claim, rendered());
    expect(t.canvas.readyAt()).toBeNull();
  });

  it('that change nothing are not run', () => {
    t.session.handleMessage(frame(1));
    render(t);
    t.session.handleMessage({ type: 'params', params: { seed: 1 } });
    expect(told(t)).toMatchObject([{ type: 'params', version: 0 }]);
    expect(t.canvas.readyAt()).toBeNull();
  });

  it('that are invalid are refused and change nothing', () => {
    t.session.handleMessage({ type: 'params', params: { strength: NaN } });
    expect(told(t)).toMatchObject([{ type: 'error', code: 'bad-params' }]);
    expect(t.channel.closed).toBeUndefined();
  });
});

describe('resume', () => {
  const registry = createRegistry();
  const enter = (resume?: string) => enterSession({ session: { registry } }, resume);

  it('restores parameters, numbering and the last image', async () => {
    t = await enter();
    const welcome = welcomeOf(t);
    t.session.handleMessage({ type: 'params', params: { prompt: 'kept' } });
    t.session.handleMessage(frame(3));
    render(t);
    t.channel.handleClosed();

    t = await enter(welcome.resume);
    const { session, resume } = welcome;
    expect(welcomeOf(t)).toMatchObject({ session, resume, lastSeq: 3, params: { prompt: 'kept' } });
    expect(t.channel.images).toMatchObject([{ seq: 3 }]);
  });

  it('renders the frame that was running when the connection broke', async () => {
    t = await enter();
    const { resume } = welcomeOf(t);
    t.session.handleMessage(frame(1));
    const { canvas } = t;
    const lost = canvas.take()!;
    t.channel.handleClosed();
    canvas.deliver(lost, rendered());

    t = await enter(resume);
    expect(t.canvas.take()?.frame.seq).toBe(1);
  });

  it('takes over from a connection that is still open, which is closed with 4009', async () => {
    const old = await enter();
    const { size } = registry;
    const young = await enter(welcomeOf(old).resume);
    expect(old.channel.closed?.code).toBe(4009);
    expect(welcomeOf(young).session).toBe(welcomeOf(old).session);
    expect(registry.size).toBe(size);
  });

  it('starts anew with an unknown secret', async () => {
    expect(welcomeOf(await enter('guessed'))).toMatchObject({ lastSeq: 0 });
  });
});

it('fails the waiting frame when the worker dies, and says that it may be sent again', () => {
  t.session.handleMessage(frame(1));
  t.canvas.failWaiting(new FrameError('worker-failed', 'gone', { retryable: true }));
  expect(told(t)).toMatchObject([{ type: 'error', code: 'worker-failed', retryable: true, seq: 1 }]);
  expect(t.canvas.take()).toBeUndefined();
});

it('stops the run of a session that ended, and takes nothing from it', () => {
  t.session.handleMessage(frame(1));
  const { canvas } = t;
  const claim = canvas.take()!;
  claim.cancel = vi.fn();
  t.channel.handleClosed();
  expect(claim.cancel).toHaveBeenCalledOnce();
  canvas.deliver(claim, rendered());
  expect(t.channel.images).toHaveLength(0);
});
