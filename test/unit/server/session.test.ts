import type { ClientMessage } from '@underpaint/shared';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { FrameError } from '../../../server/src/errors.js';
import { createRegistry, createSession, rendered, type TestSession } from '../../helpers/fakes.js';

function frame(seq: number, fill = seq): ClientMessage {
  return { type: 'frame', seq, data: new Uint8Array(4).fill(fill), at: seq * 10 };
}

let t: TestSession;
beforeEach(() => {
  t = createSession();
  t.session.handleMessage({ type: 'hello' });
  t.wire.sent.length = 0;
});

/** Claims what waits and answers it. */
function render(): void {
  t.canvas.deliver(t.canvas.take()!, rendered());
}

describe('hello', () => {
  it('is answered by welcome with everything a client needs', () => {
    const { session, wire } = createSession();
    session.handleMessage({ type: 'hello' });
    expect(wire.sent).toMatchObject([
      { type: 'welcome', protocol: 1, lastSeq: 0, model: { id: 'tiny', width: 8 }, limits: { maxFrameBytes: 1_000 } },
    ]);
  });

  it('must come first', () => {
    const { session, wire } = createSession();
    session.handleMessage(frame(1));
    expect(wire.closed).toEqual({ code: 4000, reason: 'the first message must be hello, not frame' });
  });

  it('may come only once', () => {
    t.session.handleMessage({ type: 'hello' });
    expect(t.wire.closed?.code).toBe(4000);
  });
});

describe('frames', () => {
  it('end as an image that names them', () => {
    t.session.handleMessage(frame(1));
    render();
    expect(t.wire.images).toMatchObject([{ seq: 1, at: 10, reason: 'frame', version: 0 }]);
  });

  it('replace one that waits, which is told', () => {
    t.session.handleMessage(frame(1));
    t.session.handleMessage(frame(2));
    expect(t.wire.sent).toEqual([{ type: 'dropped', seq: 1, reason: 'replaced' }]);
    expect(t.canvas.take()?.frame.seq).toBe(2);
  });

  it('do not replace the one that runs', () => {
    t.session.handleMessage(frame(1));
    const claim = t.canvas.take()!;
    t.session.handleMessage(frame(2));
    expect(t.canvas.readyAt()).toBeNull();
    t.canvas.deliver(claim, rendered());
    expect(t.wire.images.map(({ seq }) => seq)).toEqual([1]);
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
    expect(t.wire.closed?.code).toBe(4000);
  });

  it('larger than the limit fail alone', () => {
    t.session.handleMessage({ type: 'frame', seq: 1, data: new Uint8Array(1_001) });
    expect(t.wire.sent).toMatchObject([{ type: 'error', code: 'image-too-large', seq: 1, retryable: false }]);
    t.session.handleMessage(frame(2));
    render();
    expect(t.wire.images).toHaveLength(1);
  });

  it('of the same bytes and parameters as the image cost no run', () => {
    t.session.handleMessage(frame(1, 5));
    render();
    t.session.handleMessage(frame(2, 5));
    expect(t.canvas.take()).toBeUndefined();
    expect(t.wire.sent).toEqual([{ type: 'dropped', seq: 2, reason: 'unchanged' }]);
  });

  it('of the same bytes run again when a parameter changed', () => {
    t.session.handleMessage(frame(1, 5));
    render();
    t.session.handleMessage({ type: 'params', params: { seed: 9 } });
    t.session.handleMessage(frame(2, 5));
    render();
    expect(t.wire.images.map(({ seq, version }) => [seq, version])).toEqual([
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
    expect(t.wire.sent).toEqual([
      { type: 'error', code: 'bad-image', message: 'not a picture', retryable: false, seq: 1 },
    ]);
    t.session.handleMessage(frame(2));
    render();
    expect(t.wire.images).toHaveLength(1);
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
    t.session.handleMessage(frame(1));
    t.session.setWindowFull(true);
    expect(t.canvas.readyAt()).toBeNull();
    t.session.setWindowFull(false);
    expect(t.canvas.readyAt()).not.toBeNull();
  });
});

describe('params', () => {
  it('are answered with all of them and a new version', () => {
    t.session.handleMessage({ type: 'params', params: { steps: 99, prompt: 'a lake' } });
    expect(t.wire.sent).toMatchObject([{ type: 'params', version: 1, params: { steps: 8, prompt: 'a lake' } }]);
  });

  it('render the last frame again', () => {
    t.session.handleMessage(frame(1));
    render();
    t.session.handleMessage({ type: 'params', params: { seed: 2 } });
    render();
    expect(t.wire.images.map(({ seq, reason }) => [seq, reason])).toEqual([
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

  it('that change nothing cost no run', () => {
    t.session.handleMessage(frame(1));
    render();
    t.session.handleMessage({ type: 'params', params: { seed: 1 } });
    expect(t.wire.sent).toMatchObject([{ type: 'params', version: 0 }]);
    expect(t.canvas.readyAt()).toBeNull();
  });

  it('out of shape are refused and change nothing', () => {
    t.session.handleMessage({ type: 'params', params: { strength: NaN } });
    expect(t.wire.sent).toMatchObject([{ type: 'error', code: 'bad-params' }]);
    expect(t.wire.closed).toBeUndefined();
  });
});

describe('resume', () => {
  it('brings back parameters, numbering and the last image', () => {
    const registry = createRegistry();
    t = createSession(registry);
    t.session.handleMessage({ type: 'hello' });
    const welcome = t.wire.sent[0];
    if (welcome?.type !== 'welcome') throw new Error('no welcome');
    t.session.handleMessage({ type: 'params', params: { prompt: 'kept' } });
    t.session.handleMessage(frame(3));
    render();
    t.session.handleClosed();

    t = createSession(registry);
    t.session.handleMessage({ type: 'hello', resume: welcome.resume });
    expect(t.wire.sent).toMatchObject([
      { session: welcome.session, resume: welcome.resume, lastSeq: 3, params: { prompt: 'kept' } },
    ]);
    expect(t.wire.images).toMatchObject([{ seq: 3 }]);
  });

  it('renders the frame that was under way when the socket went', () => {
    const registry = createRegistry();
    t = createSession(registry);
    t.session.handleMessage({ type: 'hello' });
    const { resume } = t.wire.sent[0] as { resume: string };
    t.session.handleMessage(frame(1));
    const { canvas } = t;
    const lost = canvas.take()!;
    t.session.handleClosed();
    canvas.deliver(lost, rendered());

    t = createSession(registry);
    t.session.handleMessage({ type: 'hello', resume });
    expect(t.canvas.take()?.frame.seq).toBe(1);
  });

  it('takes over from a connection that is still open, which is closed with 4009', () => {
    const registry = createRegistry();
    const old = createSession(registry);
    old.session.handleMessage({ type: 'hello' });
    const { resume } = old.wire.sent[0] as { resume: string };
    const young = createSession(registry);
    young.session.handleMessage({ type: 'hello', resume });
    expect(old.wire.closed?.code).toBe(4009);
    expect(young.wire.sent).toMatchObject([{ type: 'welcome' }]);
    expect(registry.size).toBe(1);
  });

  it('starts anew with a secret nobody gave out', () => {
    const { session, wire } = createSession();
    session.handleMessage({ type: 'hello', resume: 'guessed' });
    expect(wire.sent).toMatchObject([{ type: 'welcome', lastSeq: 0 }]);
  });
});

it('fails what waits when the worker dies, and says that it may be sent again', () => {
  t.session.handleMessage(frame(1));
  t.canvas.failWaiting(new FrameError('worker-failed', 'gone', { retryable: true }));
  expect(t.wire.sent).toMatchObject([{ type: 'error', code: 'worker-failed', retryable: true, seq: 1 }]);
  expect(t.canvas.take()).toBeUndefined();
});

it('stops the run of a session that ended, and takes nothing from it', () => {
  t.session.handleMessage(frame(1));
  const { canvas } = t;
  const claim = canvas.take()!;
  claim.cancel = vi.fn();
  t.session.handleClosed();
  expect(claim.cancel).toHaveBeenCalledOnce();
  canvas.deliver(claim, rendered());
  expect(t.wire.images).toHaveLength(0);
});

it('tells the end of a frame whose image was replaced on its way out', () => {
  t.session.handleMessage(frame(1));
  render();
  t.session.handleMessage(frame(2));
  t.clock.ms += 1_000;
  render();
  const [first, second] = t.wire.images as [never, never];
  t.session.handleReplacedImage(first, second);
  expect(t.wire.sent).toEqual([{ type: 'dropped', seq: 1, reason: 'replaced' }]);
});

describe('a preview', () => {
  it('goes out ahead of the final image of the same frame', () => {
    t.session.handleMessage(frame(1));
    const claim = t.canvas.take()!;
    t.canvas.deliverPreview(claim, rendered());
    t.canvas.deliver(claim, rendered());
    expect(t.wire.images.map(({ seq, final }) => [seq, final])).toEqual([
      [1, false],
      [1, true],
    ]);
  });

  it('is not sent to a reader who does not keep up', () => {
    t.session.handleMessage(frame(1));
    const claim = t.canvas.take()!;
    t.session.setWindowFull(true);
    t.canvas.deliverPreview(claim, rendered());
    expect(t.wire.images).toHaveLength(0);
  });
});

describe('refinement', () => {
  beforeEach(() => {
    t = createSession(createRegistry(), { refineSteps: 8 });
    t.session.handleMessage({ type: 'hello' });
    t.session.handleMessage(frame(1));
    render();
  });

  it('renders the last frame again, with more steps, once the session has been quiet', () => {
    expect(t.canvas.readyAt()).toBe(1_000 + 500);
    expect(t.canvas.isBackground()).toBe(true);
    const claim = t.canvas.take()!;
    expect(claim).toMatchObject({ reason: 'refine', request: { steps: 8, background: true } });
    t.canvas.deliver(claim, rendered());
    expect(t.wire.images.at(-1)).toMatchObject({ seq: 1, reason: 'refine' });
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
    t.wire.sent.length = 0;
    t.canvas.fail(t.canvas.take()!, new FrameError('worker-failed', 'gone', { retryable: true }));
    expect(t.wire.sent).toEqual([]);
    expect(t.canvas.readyAt()).toBeNull();
  });
});

it('drops a frame that the worker found to be like the one shown, and takes it as shown', () => {
  t.session.handleMessage({ type: 'params', params: { similarity: 0.98 } });
  t.session.handleMessage(frame(1));
  render();
  t.clock.ms += 1_000;
  t.session.handleMessage(frame(2));
  t.canvas.deliverNone(t.canvas.take()!, 'unchanged');
  expect(t.wire.sent.at(-1)).toEqual({ type: 'dropped', seq: 2, reason: 'unchanged' });
});
