import { encodeMessage } from '@underpaint/shared';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Connection, type Socket } from '../../../server/src/connection.js';
import { Session } from '../../../server/src/session.js';
import { FakeSocket } from '../../helpers/fake-socket.js';
import { canvasOptions, rendered, serverOptions } from '../../helpers/fakes.js';

let socket: FakeSocket;
const logged: string[] = [];
let session: Session;
beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
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
    maxBytesPerSecond: 10_000,
    maxBufferedBytes: 1_000,
    createSession: (wire) => new Session({ wire, ...serverOptions(canvas, { limits }) }),
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
  it('keeps a peer that answers and cuts one that does not', () => {
    socket.receive({ type: 'hello' });
    vi.advanceTimersByTime(15_000);
    expect(socket.pings).toBe(1);
    socket.emit('pong');
    vi.advanceTimersByTime(15_000);
    expect(socket.terminated).toBe(false);
    vi.advanceTimersByTime(15_000);
    expect(socket.terminated).toBe(true);
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
