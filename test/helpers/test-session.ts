import type { FrameMessage } from '@underpaint/shared';
import type { Canvas, CanvasOptions } from '../../server/src/canvas/canvas.js';
import { Session, type SessionOptions } from '../../server/src/session/session.js';
import { canvasOptions, NO_LIMITS, rendered, serverOptions, settled } from './fakes.js';
import { TestChannel } from './test-channel.js';

export interface TestSession {
  readonly session: Session;
  readonly channel: TestChannel;
  readonly clock: { ms: number };
  /** The canvas of the session. */
  readonly canvas: Canvas;
}

export interface TestSessionOptions {
  readonly canvas?: Partial<CanvasOptions>;
  readonly session?: Partial<SessionOptions>;
}

/** A session that has not said hello, with a clock that the test moves. */
export function createSession(settings: TestSessionOptions = {}): TestSession {
  const clock = { ms: 1_000 };
  const now = () => clock.ms;
  const channel = new TestChannel({ now });
  const shared = serverOptions(canvasOptions(now, settings.canvas), settings.session);
  const session = new Session({
    channel,
    visitor: { address: '127.0.0.1' },
    usage: NO_LIMITS.connect('127.0.0.1'),
    ...shared,
  });
  return {
    session,
    channel,
    clock,
    get canvas() {
      return session.canvas!;
    },
  };
}

/** A session that has said hello. */
export async function enterSession(settings: TestSessionOptions = {}, resume?: string): Promise<TestSession> {
  const test = createSession(settings);
  test.session.handleMessage({ type: 'hello', ...(resume !== undefined && { resume }) });
  await settled();
  return test;
}

/** A small frame whose bytes are all `fill`. */
export function frame(seq: number, fill = seq): FrameMessage {
  return { type: 'frame', seq, data: new Uint8Array(4).fill(fill), at: seq * 10 };
}

/** Everything that was sent since the welcome, except images. */
export function told({ channel }: TestSession) {
  return channel.sent.slice(1);
}

/** Claims the frame that waits and answers it. */
export function render({ canvas }: TestSession): void {
  canvas.deliver(canvas.take()!, rendered());
}

/** Renders frames from `seq` on until an image waits for the reader. */
export function fillWindow(test: TestSession, seq: number): void {
  for (let next = seq; !test.channel.isFull; next++) {
    test.session.handleMessage(frame(next));
    render(test);
  }
}
