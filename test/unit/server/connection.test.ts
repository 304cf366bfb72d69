import { encodeMessage } from '@underpaint/shared';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Connection } from '../../../server/src/transport/connection.js';
import { createGuard } from '../../../server/src/guard.js';
import { Session } from '../../../server/src/session/session.js';
import type { Socket } from '../../../server/src/transport/peer.js';
import { FakeSocket } from '../../helpers/fake-socket.js';
import { canvasOptions, rendered, serverOptions } from '../../helpers/fakes.js';

let socket: FakeSocket;
const logged: string[] = [];
let session: Session;
let faults: string[];
const guard = createGuard({
  log: { error: () => undefined },
  faults: { inc: ({ where }: { where: string }) => void faults.push(where) } as never,
});
beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  faults = [];
  logged.length = 0;
  socket = new FakeSocket();
  const now = () => Date.now();
  const canvas = canvasOptions(now, { maxFramesPerSecond: 1_000 });
  const limits = { maxFrameBytes: 9_000, maxFramePixels: 64, maxFramesPerSecond: 1_000 };
  const connection = new Connection({
    socket: socket as unknown as Socket,
    metrics: canvas.metrics,
    log: pino({ level: 'debug' }, { write: (line) => void logged.push(line) }),
    now,
    onImage: () => undefined,
    helloTimeoutMs: 10_000,
    heartbeatMs: 15_000,
    messageTimeoutMs: 60_000,
    guard,
    maxBytesPerSecond: 10_000,
    maxBufferedBytes: 1_000,
    createSession: (wire) => new Session({ wire, ...serverOptions(canvas, { limits, guard }) }),
  });
  session = connection.session;
});
afterEach(() => {
  socket.emit('close', 1000);
  vi.useRealTimers();
});

function render(seq: number): void {
  socket.receive({ type: 'frame', seq, data: new Uint8Array([seq]) });
  vi.advanceTimersByTime(50);
  session.canvas!.deliver(session.canvas!.take()!, rendered(seq));
}

describe('what it refuses', () => {
  it.each([
    ['a text message', Buffer.from('hello'), false, 4000],
    ['bytes that are not MessagePack', Buffer.from([0xc1]), true, 4000],
    ['a trailing byte', Buffer.concat([encodeMessage({ type: 'hello' }), Buffer.from([0])]), true, 4000],
    ['more bytes a second than allowed', Buffer.alloc(25_000), true, 1008],
  ])('closes on %s', (_name, bytes, isBinary, code) => {
    socket.emit('message', bytes, isBinary);
    expect(socket.closed).toBe(code);
  });

  it('closes when no hello comes in time', () => {
    vi.advanceTimersByTime(10_000);
    expect(socket.closed).toBe(4001);
  });

  it('closes on an ack of an image that was never sent', () => {
    socket.receive({ type: 'hello' });
    socket.receive({ type: 'ack', id: 1 });
    expect(socket.closed).toBe(4000);
  });

  it('hears nothing more after it closed', () => {
    socket.emit('message', Buffer.from([0xc1]), true);
    socket.receive({ type: 'hello' });
    expect(socket.sent).toEqual([]);
  });

  it('cuts a peer that does not answer the close', () => {
    socket.emit('message', Buffer.from([0xc1]), true);
    vi.advanceTimersByTime(2_000);
    expect(socket.terminated).toBe(true);
  });
});

describe('images', () => {
  beforeEach(() => socket.receive({ type: 'hello' }));

  it('are numbered and timed from the last byte of the frame', () => {
    render(1);
    expect(socket.images).toMatchObject([
      { id: 1, seq: 1, final: true, step: 2, steps: 2, version: 0, timing: { queueMs: 50, inferMs: 2, serverMs: 50 } },
    ]);
  });

  it('stop at two without an ack; then the newest waits and the ones between are dropped', () => {
    for (const seq of [1, 2, 3]) render(seq);
    expect(session.canvas!.readyAt()).toBeNull();
    expect(socket.images.map(({ seq }) => seq)).toEqual([1, 2]);
    socket.receive({ type: 'frame', seq: 4, data: new Uint8Array([4]) });
    socket.receive({ type: 'frame', seq: 5, data: new Uint8Array([5]) });
    expect(socket.sent.at(-1)).toEqual({ type: 'dropped', seq: 4, reason: 'replaced' });
    socket.receive({ type: 'ack', id: 1 });
    expect(socket.images.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(session.canvas!.readyAt()).not.toBeNull();
  });

  it('end the connection of a reader whose control messages pile up', () => {
    socket.bufferedAmount = 1_001;
    socket.receive({ type: 'params', params: {} });
    expect(socket.closed).toBe(4008);
  });
});

describe('heartbeat', () => {
  const pass = (seconds: number) => vi.advanceTimersByTime(seconds * 1_000);
  const pong = () => {
    socket.bytesReceived += 6;
    socket.emit('pong', Buffer.alloc(0));
  };
  beforeEach(() => socket.receive({ type: 'hello' }));

  it('keeps a peer that answers and cuts one that does not', () => {
    pass(15);
    expect(socket.pings).toBe(1);
    for (let turn = 0; turn < 20; turn++) {
      pong();
      pass(15);
    }
    expect([socket.terminated, socket.closed]).toEqual([false, undefined]);
    pass(15);
    expect(socket.terminated).toBe(true);
  });

  it('keeps one whose pong stands behind its own large message', () => {
    pass(15);
    for (let second = 0; second < 50; second++) {
      socket.bytesReceived += 12_000;
      pass(1);
    }
    socket.receive({ type: 'params', params: {} });
    pong();
    pass(70);
    expect(socket.closed).toBeUndefined();
  });

  it('keeps one whose pong stands behind what it is slow to read, until it reads no more', () => {
    socket.bufferedAmount = 900;
    for (let turn = 0; turn < 10; turn++) {
      pass(15);
      socket.bytesSent += 10;
    }
    expect(socket.terminated).toBe(false);
    pass(30);
    expect(socket.terminated).toBe(true);
  });

  it('does not take what the network swallows for a sign of life', () => {
    pass(15);
    socket.bytesSent += 1_000;
    pass(15);
    expect(socket.terminated).toBe(true);
  });

  it('closes on a message that is not complete within a minute, whatever comes between its fragments', () => {
    pass(1);
    for (let turn = 0; turn < 90 && socket.closed === undefined; turn++) {
      socket.bytesReceived += 1;
      pong();
      pass(1);
    }
    expect(socket.closed).toBe(4008);
    expect(Date.now()).toBeGreaterThanOrEqual(61_000);
    expect(Date.now()).toBeLessThanOrEqual(77_000);
  });

  it('gives every message a minute of its own', () => {
    for (let second = 1; second < 400; second++) {
      socket.bytesReceived += 1_000;
      pass(1);
      if (second % 40 === 0) socket.receive({ type: 'params', params: { seed: second } });
    }
    expect([socket.terminated, socket.closed]).toEqual([false, undefined]);
  });
});

describe('an unexpected error', () => {
  const broken = () => {
    throw new Error('broken');
  };

  it('in a message handler closes that connection', () => {
    session.handleMessage = broken;
    socket.receive({ type: 'hello' });
    expect([socket.closed, faults]).toEqual([1011, ['message']]);
  });

  it('in sending closes that connection, and the sender of the message goes on', () => {
    socket.receive({ type: 'hello' });
    socket.send = broken;
    render(1);
    expect([socket.closed, faults]).toEqual([1011, ['send']]);
  });

  it('in leaving a canvas does not keep the place, nor the socket', () => {
    socket.receive({ type: 'hello' });
    session.canvas!.rest = broken;
    session.bye(1012, 10);
    expect([socket.closed, faults]).toEqual([1012, ['leave']]);
  });

  it('in a timer closes that connection', () => {
    socket.ping = broken;
    socket.receive({ type: 'hello' });
    vi.advanceTimersByTime(15_000);
    expect([socket.closed, faults]).toEqual([1011, ['heartbeat']]);
  });

  it('at the end of a socket leaves nothing behind', () => {
    session.handleClosed = broken;
    socket.emit('close', 1006);
    vi.advanceTimersByTime(2_000);
    expect([faults, vi.getTimerCount()]).toEqual([['close'], 0]);
  });
});

describe('a hello', () => {
  it('is logged with what the client calls itself, but not all of a long name', () => {
    socket.receive({ type: 'hello', client: `sketcher 1.0 ${'x'.repeat(1_000)}` });
    const hello = logged
      .map((line) => JSON.parse(line) as { msg: string; client: string })
      .find(({ msg }) => msg === 'hello');
    expect(hello!.client).toMatch(/^sketcher 1\.0 x+$/);
    expect(hello!.client.length).toBe(100);
  });
});

describe('a bye', () => {
  it('comes after the image that waited for a slow reader: it is the end of a frame', () => {
    socket.receive({ type: 'hello' });
    for (let seq = 1; seq <= 3; seq++) render(seq);
    expect(socket.images.map(({ seq }) => seq)).toEqual([1, 2]);
    session.bye(1012, 1_500);
    expect(socket.images.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(socket.sent.at(-1)).toEqual({ type: 'bye', code: 1012, reconnectAfterMs: 1_500 });
  });
});
