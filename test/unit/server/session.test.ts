import type { FrameMessage } from '@underpaint/shared';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { FrameError } from '../../../server/src/errors.js';
import { createRegistry, rendered, settled } from '../../helpers/fakes.js';
import { createSession, enterSession, type TestSession } from '../../helpers/test-session.js';

function frame(seq: number, fill = seq): FrameMessage {
  return { type: 'frame', seq, data: new Uint8Array(4).fill(fill), at: seq * 10 };
}

let t: TestSession;
beforeEach(async () => void (t = await enterSession()));

/** Everything that was sent since the welcome, except images. */
function told() {
  return t.channel.sent.slice(1);
}

/** Claims the frame that waits and answers it. */
function render(): void {
  t.canvas.deliver(t.canvas.take()!, rendered());
}

/** Renders frames from `seq` on until an image waits for the reader. */
function fillWindow(seq: number): void {
  for (let next = seq; !t.channel.isFull; next++) {
    t.session.handleMessage(frame(next));
    render();
  }
}

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
    render();
    expect(t.channel.images).toMatchObject([{ seq: 1, at: 10, reason: 'frame', version: 0 }]);
  });

  it('replace one that waits, which is told', () => {
    t.session.handleMessage(frame(1));
    t.session.handleMessage(frame(2));
    expect(told()).toEqual([{ type: 'dropped', seq: 1, reason: 'replaced' }]);
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
    expect(told()).toMatchObject([{ type: 'error', code: 'image-too-large', seq: 1, retryable: false }]);
    t.session.handleMessage(frame(2));
    render();
    expect(t.channel.images).toHaveLength(1);
  });

  it('with the same bytes and parameters as the image are not run', () => {
    t.session.handleMessage(frame(1, 5));
    render();
    t.session.handleMessage(frame(2, 5));
    expect(t.canvas.take()).toBeUndefined();
    expect(told()).toEqual([{ type: 'dropped', seq: 2, reason: 'unchanged' }]);
  });

  it('of the same bytes run again when a parameter changed', () => {
    t.session.handleMessage(frame(1, 5));
    render();
    t.session.handleMessage({ type: 'params', params: { seed: 9 } });
    t.session.handleMessage(frame(2, 5));
    render();
    expect(t.channel.images.map(({ seq, version }) => [seq, version])).toEqual([
      [1, 0],
      [2, 1],
    ]);
  });

  it('are limited in rate by waiting, never by loss', () => {
    t.session.handleMessage(frame(1));
    render();
    t.session.handleMessage(frame(2));
    expect(t.canvas.readyAt()).toBe(1_000 + 100);
  });

  it('that fail are told, and the session goes on', () => {
    t.session.handleMessage(frame(1));
    t.canvas.fail(t.canvas.take()!, new FrameError('bad-image', 'not a picture'));
    expect(told()).toEqual([{ type: 'error', code: 'bad-image', message: 'not a picture', retryable: false, seq: 1 }]);
    t.session.handleMessage(frame(2));
    render();
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
    fillWindow(1);
    t.session.handleMessage(frame(9));
    expect(t.canvas.readyAt()).toBeNull();
    t.channel.acknowledge(1);
    expect(t.canvas.readyAt()).not.toBeNull();
  });
});

describe('params', () => {
  it('are answered with all of them and a new version', () => {
    t.session.handleMessage({ type: 'params', params: { steps: 99, prompt: 'a lake' } });
    expect(told()).toMatchObject([{ type: 'params', version: 1, params: { steps: 8, prompt: 'a lake' } }]);
  });

  it('render the last frame again', () => {
    t.session.handleMessage(frame(1));
    render();
    t.session.handleMessage({ type: 'params', params: { seed: 2 } });
    render();
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
    render();
    t.session.handleMessage({ type: 'params', params: { seed: 1 } });
    expect(told()).toMatchObject([{ type: 'params', version: 0 }]);
    expect(t.canvas.readyAt()).toBeNull();
  });

  it('that are invalid are refused and change nothing', () => {
    t.session.handleMessage({ type: 'params', params: { strength: NaN } });
    expect(told()).toMatchObject([{ type: 'error', code: 'bad-params' }]);
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
    render();
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

describe('admission', () => {
  let answer: (rejection?: { code: number; reason: string }) => void;
  const ask = () => {
    const admit = () => new Promise<{ code: number; reason: string } | undefined>((resolve) => (answer = resolve));
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
    expect(told()).toMatchObject([
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

it('fails the waiting frame when the worker dies, and says that it may be sent again', () => {
  t.session.handleMessage(frame(1));
  t.canvas.failWaiting(new FrameError('worker-failed', 'gone', { retryable: true }));
  expect(told()).toMatchObject([{ type: 'error', code: 'worker-failed', retryable: true, seq: 1 }]);
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

it('tells the end of a frame whose image was replaced on its way out', () => {
  fillWindow(1);
  t.session.handleMessage({ type: 'params', params: { seed: 5 } });
  t.session.handleMessage(frame(9));
  render();
  expect(told().at(-1)).toEqual({ type: 'dropped', seq: 3, reason: 'replaced' });
});

describe('a preview', () => {
  it('goes out ahead of the final image of the same frame', () => {
    t.session.handleMessage(frame(1));
    const claim = t.canvas.take()!;
    t.canvas.deliverPreview(claim, rendered());
    t.canvas.deliver(claim, rendered());
    expect(t.channel.images.map(({ seq, final }) => [seq, final])).toEqual([
      [1, false],
      [1, true],
    ]);
  });

  it('is not sent to a reader who does not keep up', () => {
    fillWindow(1);
    t.session.handleMessage(frame(9));
    const before = t.channel.images.length;
    t.canvas.deliverPreview(t.canvas.take()!, rendered());
    expect(t.channel.images).toHaveLength(before);
  });

  it('without a final image after it is not taken for the image before it', () => {
    t.session.handleMessage(frame(1, 7));
    render();
    t.channel.acknowledge(1);
    t.session.handleMessage(frame(2, 8));
    const claim = t.canvas.take()!;
    t.canvas.deliverPreview(claim, rendered());
    t.canvas.fail(claim, new FrameError('worker-failed', 'gone'));
    t.session.handleMessage(frame(3, 7));
    render();
    expect(t.channel.images.at(-1)).toMatchObject({ seq: 3, final: true });
  });
});

describe('refinement', () => {
  beforeEach(async () => {
    t = await enterSession({ canvas: { refineSteps: 8 } });
    t.session.handleMessage(frame(1));
    render();
  });

  it('renders the last frame again, with more steps, once the session has been quiet', () => {
    expect(t.canvas.readyAt()).toBe(1_000 + 500);
    expect(t.canvas.isBackground()).toBe(true);
    const claim = t.canvas.take()!;
    expect(claim).toMatchObject({ reason: 'refine', request: { steps: 8, background: true } });
    t.canvas.deliver(claim, rendered());
    expect(t.channel.images.at(-1)).toMatchObject({ seq: 1, reason: 'refine' });
  });

  it('happens once a frame', () => {
    t.canvas.deliver(t.canvas.take()!, rendered());
    expect(t.canvas.readyAt()).toBeNull();
  });

  it('is cut short by a newer frame, which may run at once', () => {
    const refinement = t.canvas.take()!;
    refinement.cancel = vi.fn();
    t.clock.ms += 100;
    t.session.handleMessage(frame(2));
    expect(refinement.cancel).toHaveBeenCalledOnce();
    expect(t.canvas.take()).toMatchObject({ reason: 'frame', frame: { seq: 2 } });
  });

  it('is tried again later when it gave way to others', () => {
    const refinement = t.canvas.take()!;
    t.clock.ms += 100;
    t.canvas.deliverNone(refinement, 'gave-way');
    expect(t.canvas.readyAt()).toBe(1_100 + 500);
  });

  it('is not told when it fails, and not tried again', () => {
    t.canvas.fail(t.canvas.take()!, new FrameError('worker-failed', 'gone', { retryable: true }));
    expect(told()).toEqual([]);
    expect(t.canvas.readyAt()).toBeNull();
  });
});

it('drops a frame that the worker found to be like the one on screen, and counts it as shown', () => {
  t.session.handleMessage({ type: 'params', params: { similarity: 0.98 } });
  t.session.handleMessage(frame(1));
  render();
  t.clock.ms += 1_000;
  t.session.handleMessage(frame(2));
  t.canvas.deliverNone(t.canvas.take()!, 'unchanged');
  expect(told().at(-1)).toEqual({ type: 'dropped', seq: 2, reason: 'unchanged' });
});
