import { beforeEach, describe, expect, it, vi } from 'vitest';
import { FrameError } from '../../../server/src/errors.js';
import { rendered } from '../../helpers/fakes.js';
import { enterSession, fillWindow, frame, render, told, type TestSession } from '../../helpers/test-session.js';

let t: TestSession;
beforeEach(async () => void (t = await enterSession()));

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
    fillWindow(t, 1);
    t.session.handleMessage(frame(9));
    const before = t.channel.images.length;
    t.canvas.deliverPreview(t.canvas.take()!, rendered());
    expect(t.channel.images).toHaveLength(before);
  });

  it('without a final image after it is not taken for the image before it', () => {
    t.session.handleMessage(frame(1, 7));
    render(t);
    t.channel.acknowledge(1);
    t.session.handleMessage(frame(2, 8));
    const claim = t.canvas.take()!;
    t.canvas.deliverPreview(claim, rendered());
    t.canvas.fail(claim, new FrameError('worker-failed', 'gone'));
    t.session.handleMessage(frame(3, 7));
    render(t);
    expect(t.channel.images.at(-1)).toMatchObject({ seq: 3, final: true });
  });
});

describe('refinement', () => {
  beforeEach(async () => {
    t = await enterSession({ canvas: { refineSteps: 8 } });
    t.session.handleMessage(frame(1));
    render(t);
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

  it('is not reported when it fails, and not tried again', () => {
    t.canvas.fail(t.canvas.take()!, new FrameError('worker-failed', 'gone', { retryable: true }));
    expect(told(t)).toEqual([]);
    expect(t.canvas.readyAt()).toBeNull();
  });
});

it('reports the end of a frame whose image was replaced on its way out', () => {
  fillWindow(t, 1);
  t.session.handleMessage({ type: 'params', params: { seed: 5 } });
  t.session.handleMessage(frame(9));
  render(t);
  expect(told(t).at(-1)).toEqual({ type: 'dropped', seq: 3, reason: 'replaced' });
});

it('drops a frame that the worker found to be like the one on screen, and counts it as shown', () => {
  t.session.handleMessage({ type: 'params', params: { similarity: 0.98 } });
  t.session.handleMessage(frame(1));
  render(t);
  t.clock.ms += 1_000;
  t.session.handleMessage(frame(2));
  t.canvas.deliverNone(t.canvas.take()!, 'unchanged');
  expect(told(t).at(-1)).toEqual({ type: 'dropped', seq: 2, reason: 'unchanged' });
});
