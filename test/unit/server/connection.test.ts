import { encodeMessage } from '@underpaint/shared';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Canvas } from '../../../server/src/canvas/canvas.js';
import { Connections } from '../../../server/src/session/connections.js';
import {
  canvasOptions,
  NO_LIMITS,
  createRegistry,
  recordFaults,
  rendered,
  serverOptions,
  settled,
} from '../../helpers/fakes.js';
import { MemoryPeer } from '../../helpers/memory-peer.js';

const LIMITS = {
  helloTimeoutMs: 10_000,
  heartbeatMs: 15_000,
  messageTimeoutMs: 60_000,
  maxBytesPerSecond: 10_000,
  maxMessagesPerSecond: 18,
  maxBufferedBytes: 1_000,
};
let peer: MemoryPeer;
let connections: Connections;
let canvas: Canvas;
const logged: string[] = [];
const { guard, faults } = recordFaults();
beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  faults.length = 0;
  logged.length = 0;
  const now = () => Date.now();
  const options = canvasOptions(now, { maxFramesPerSecond: 1_000 });
  canvas = new Canvas(options);
  const shared = serverOptions(options, { guard, createCanvas: () => canvas, registry: createRegistry() });
  const served = { ...shared.served, limits: { ...shared.served.limits, maxFrameBytes: 9_000 } };
  const log = pino({ level: 'debug' }, { write: (line) => void logged.push(line) });
  connections = new Connections({
    ...shared,
    quotas: NO_LIMITS,
    served,
    limits: LIMITS,
    log,
    onImage: () => undefined,
  });
  peer = new MemoryPeer();
  connections.connect(peer);
});
afterEach(() => {
  peer.end();
  vi.useRealTimers();
});

async function hello(): Promise<void> {
  peer.say({ type: 'hello' });
  await settled();
}

function render(seq: number): void {
  peer.say({ type: 'frame', seq, data: new Uint8Array([seq]) });
  vi.advanceTimersByTime(50);
  canvas.deliver(canvas.take()!, rendered(seq));
}

describe('a connection', () => {
  it('closes on more messages a second than allowed, valid or not', async () => {
    await hello();
    for (let i = 0; i < 38; i++) peer.say({ type: 'params', params: { steps: 'many' as never } });
    expect(peer.closed).toEqual({ code: 1008, reason: 'more than 18 messages a second' });
    // The hello was one of them.
    expect(peer.sent.filter(({ type }) => type === 'error')).toHaveLength(35);
  });

  it.each([
    ['a text message', Buffer.from('hello'), false, 4000],
    ['bytes that are not MessagePack', Buffer.from([0xc1]), true, 4000],
    ['a trailing byte', Buffer.concat([encodeMessage({ type: 'hello' }), Buffer.from([0])]), true, 4000],
    ['more bytes a second than allowed', Buffer.alloc(25_000), true, 1008],
  ])('closes on %s', (_name, bytes, isBinary, code) => {
    peer.sayBytes(bytes, isBinary);
    expect(peer.closed?.code).toBe(code);
  });

  it('closes when no hello comes in time', () => {
    vi.advanceTimersByTime(10_000);
    expect(peer.closed?.code).toBe(4001);
  });

  it('closes on an ack of an image that was never sent', async () => {
    await hello();
    peer.say({ type: 'ack', id: 1 });
    expect(peer.closed?.code).toBe(4000);
  });

  it('ignores messages after it has closed', () => {
    peer.sayBytes(Buffer.from([0xc1]));
    peer.say({ type: 'hello' });
    expect(peer.sent).toEqual([]);
  });

  it('cuts a peer that does not answer the close', () => {
    peer.sayBytes(Buffer.from([0xc1]));
    vi.advanceTimersByTime(2_000);
    expect(peer.terminated).toBe(true);
  });
});

describe('images', () => {
  beforeEach(hello);

  it('are numbered and timed from the last byte of the frame', () => {
    render(1);
    expect(peer.images).toMatchObject([
      { id: 1, seq: 1, final: true, step: 2, steps: 2, version: 0, timing: { queueMs: 50, inferMs: 2, serverMs: 50 } },
    ]);
  });

  it('stop after two without an ack; then the newest waits and older ones are dropped', () => {
    for (const seq of [1, 2, 3]) render(seq);
    expect(canvas.readyAt()).toBeNull();
    expect(peer.images.map(({ seq }) => seq)).toEqual([1, 2]);
    peer.say({ type: 'frame', seq: 4, data: new Uint8Array([4]) });
    peer.say({ type: 'frame', seq: 5, data: new Uint8Array([5]) });
    expect(peer.sent.at(-1)).toEqual({ type: 'dropped', seq: 4, reason: 'replaced' });
    peer.say({ type: 'ack', id: 1 });
    expect(peer.images.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(canvas.readyAt()).not.toBeNull();
  });

  it('end the connection of a reader whose control messages pile up', () => {
    peer.waitingBytes = 1_001;
    peer.say({ type: 'params', params: {} });
    expect(peer.closed?.code).toBe(4008);
  });
});

describe('heartbeat', () => {
  const pass = (seconds: number) => vi.advanceTimersByTime(seconds * 1_000);
  beforeEach(hello);

  it('keeps a peer that answers and cuts one that does not', () => {
    pass(15);
    expect(peer.pings).toBe(1);
    for (let turn = 0; turn < 20; turn++) {
      peer.pong();
      pass(15);
    }
    expect([peer.terminated, peer.closed]).toEqual([false, undefined]);
    pass(15);
    expect(peer.terminated).toBe(true);
  });

  it('keeps a peer that is sending a large message ahead of its pong', () => {
    pass(15);
    for (let second = 0; second < 50; second++) {
      peer.sayPart(12_000);
      pass(1);
    }
    peer.say({ type: 'params', params: {} });
    peer.pong();
    pass(70);
    expect(peer.closed).toBeUndefined();
  });

  it('keeps a slow reader while it reads, though its pong has to wait', () => {
    peer.waitingBytes = 900;
    for (let turn = 0; turn < 10; turn++) {
      pass(15);
      peer.sentBytes += 10;
    }
    expect(peer.terminated).toBe(false);
    pass(30);
    expect(peer.terminated).toBe(true);
  });

  it('does not count bytes buffered by the network as a sign of life', () => {
    pass(15);
    peer.sentBytes += 1_000;
    pass(15);
    expect(peer.terminated).toBe(true);
  });

  it('closes on a message that is not complete within a minute, also with other frames between its fragments', () => {
    pass(1);
    for (let turn = 0; turn < 90 && !peer.closed; turn++) {
      peer.sayPart(1);
      peer.pong();
      pass(1);
    }
    expect(peer.closed?.code).toBe(4008);
    expect(Date.now()).toBeGreaterThanOrEqual(61_000);
    expect(Date.now()).toBeLessThanOrEqual(77_000);
  });

  it('gives every message a minute of its own', () => {
    for (let second = 1; second < 400; second++) {
      peer.sayPart(1_000);
      pass(1);
      if (second % 40 === 0) peer.say({ type: 'params', params: { seed: second } });
    }
    expect([peer.terminated, peer.closed]).toEqual([false, undefined]);
  });
});

describe('an unexpected error', () => {
  const broken = () => {
    throw new Error('broken');
  };
  beforeEach(hello);

  it('in a message handler closes that connection', () => {
    canvas.takeFrame = broken;
    peer.say({ type: 'frame', seq: 1, data: new Uint8Array(1) });
    expect([peer.closed?.code, faults]).toEqual([1011, ['message']]);
  });

  it('in sending closes that connection, and the sender of the message goes on', () => {
    peer.send = broken;
    render(1);
    expect([peer.closed?.code, faults]).toEqual([1011, ['send']]);
  });

  it('in leaving a canvas keeps neither the place nor the connection', () => {
    canvas.rest = broken;
    for (const sayGoodbye of connections.goodbyes(1012, () => 10)) sayGoodbye();
    expect([peer.closed?.code, faults]).toEqual([1012, ['leave']]);
  });

  it('in a timer closes that connection', () => {
    peer.ping = broken;
    vi.advanceTimersByTime(15_000);
    expect([peer.closed?.code, faults]).toEqual([1011, ['heartbeat']]);
  });

  it('at the end of a connection leaves nothing behind', () => {
    canvas.rest = broken;
    peer.end();
    expect([faults, connections.size]).toEqual([['leave'], 0]);
  });
});

describe('the end', () => {
  it('leaves no timer behind, whichever side closes', async () => {
    await hello();
    peer.say({ type: 'hello' });
    peer.end();
    expect([connections.size, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it('ends the session once, also when the peer disconnects after this side has closed', async () => {
    await hello();
    const rest = vi.spyOn(canvas, 'rest');
    for (const sayGoodbye of connections.goodbyes(1012, () => 10)) sayGoodbye();
    peer.end();
    expect(rest).toHaveBeenCalledOnce();
  });
});

describe('a hello', () => {
  it('is logged with the name of the program, shortened if it is long', () => {
    peer.say({ type: 'hello', program: `sketcher 1.0 ${'x'.repeat(1_000)}` });
    const line = logged
      .map((text) => JSON.parse(text) as { msg: string; program: string })
      .find(({ msg }) => msg === 'hello');
    expect(line!.program).toMatch(/^sketcher 1\.0 x+$/);
    expect(line!.program.length).toBe(100);
  });
});

describe('a bye', () => {
  it('comes after the image that waits for a slow reader: it is the end of a frame', async () => {
    await hello();
    for (let seq = 1; seq <= 3; seq++) render(seq);
    expect(peer.images.map(({ seq }) => seq)).toEqual([1, 2]);
    for (const sayGoodbye of connections.goodbyes(1012, () => 1_500)) sayGoodbye();
    expect(peer.images.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(peer.sent.at(-1)).toEqual({ type: 'bye', code: 1012, reconnectAfterMs: 1_500 });
  });
});
