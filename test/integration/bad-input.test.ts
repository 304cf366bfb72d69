import { once } from 'node:events';
import { connect } from 'node:net';
import { deflateSync } from 'node:zlib';
import { encodeMessage, type ClientMessage } from '@underpaint/shared';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { UnderpaintServer } from '../../server/dist/server.js';
import { Session } from '../../server/dist/session/session.js';
import { frameJpeg } from '../helpers/pictures.js';
import { ask, UPGRADE } from '../helpers/raw-http.js';
import { startServer } from '../helpers/start-server.js';
import { TestClient } from '../helpers/test-client.js';

let server: UnderpaintServer;
let bystander: TestClient;
let seq = 0;
beforeAll(async () => {
  server = await startServer({ allowedOrigins: ['https://friend.example'], helloTimeoutMs: 300 });
  bystander = await TestClient.live(server.port);
});
afterAll(() => server.stop());
afterEach(async () => {
  // Whatever one client does, the others continue.
  bystander.sendFrame(++seq, await frameJpeg(seq));
  await bystander.until('image', (image) => image.seq === seq);
});

describe('a connection that breaks the protocol is closed', () => {
  const hello = encodeMessage({ type: 'hello' });
  it.each<readonly [string, string | Uint8Array, number]>([
    ['not MessagePack', Buffer.from('{"type":"hello"}'), 4000],
    ['trailing bytes', Buffer.concat([hello, Buffer.from([0])]), 4000],
    ['deep nesting', Buffer.alloc(1_000, 0x91), 4000],
    ['a message of 10 MB', Buffer.alloc(10_000_000), 1009],
    ['a text message', 'hello', 4000],
    ['a frame before hello', encodeMessage({ type: 'frame', seq: 1, data: new Uint8Array(1) }), 4000],
    ['an unknown type', encodeMessage({ type: 'paint' } as unknown as ClientMessage), 4000],
  ])('%s', async (_name, bytes, code) => {
    const client = await TestClient.open(server.port);
    client.socket.send(bytes);
    expect((await client.untilClosed()).code).toBe(code);
  });

  it('no hello in time', async () => {
    const client = await TestClient.open(server.port);
    expect((await client.untilClosed()).code).toBe(4001);
  });

  it('a seq that is not finite', async () => {
    const client = await TestClient.live(server.port);
    client.send({ type: 'frame', seq: NaN, data: new Uint8Array(1) });
    expect((await client.untilClosed()).code).toBe(4000);
  });
});

describe('a bad picture fails alone', () => {
  let client: TestClient;
  beforeEach(async () => void (client = await TestClient.live(server.port)));
  afterEach(() => client.close());

  /** A PNG of 20 000 by 20 000 black pixels, small on the wire. */
  function pngBomb(): Buffer {
    const header = Buffer.alloc(13);
    header.writeUInt32BE(20_000, 0);
    header.writeUInt32BE(20_000, 4);
    header.set([8, 0, 0, 0, 0], 8);
    const chunk = (type: string, data: Buffer) => {
      const out = Buffer.alloc(12 + data.length);
      out.writeUInt32BE(data.length, 0);
      out.write(type, 4);
      data.copy(out, 8);
      out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length);
      return out;
    };
    const signature = Buffer.from('89504e470d0a1a0a', 'hex');
    const rows = deflateSync(Buffer.alloc(1_000_000));
    return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
  }

  function crc32(bytes: Buffer): number {
    let crc = ~0;
    for (const byte of bytes) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
    }
    return ~crc >>> 0;
  }

  const svg = Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="9" height="9"/></svg>',
  );

  it.each<readonly [string, () => Buffer | Promise<Buffer>, string]>([
    ['a PNG bomb', pngBomb, 'image-too-large'],
    ['a picture with more pixels than taken', () => frameJpeg(1, 1_100), 'image-too-large'],
    ['a truncated JPEG', async () => (await frameJpeg(1)).subarray(0, 400), 'bad-image'],
    ['an SVG', () => svg, 'bad-image'],
    ['no bytes', () => Buffer.alloc(0), 'bad-image'],
    ['a GIF', () => Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64'), 'bad-image'],
    ['more bytes than taken', () => Buffer.alloc(500_000), 'image-too-large'],
  ])('%s', async (_name, make, code) => {
    client.sendFrame(1, await make());
    expect(await client.until('error')).toMatchObject({ code, seq: 1, retryable: false });
    client.sendFrame(2, await frameJpeg(2));
    expect((await client.until('image')).seq).toBe(2);
  });

  it.each([
    ['NaN', { strength: NaN }],
    ['a prompt of 100 000 characters', { prompt: 'x'.repeat(100_000) }],
    ['text for a number', { steps: 'many' }],
  ])('params with %s change nothing', async (_name, params) => {
    client.send({ type: 'params', params: params as never });
    expect(await client.until('error')).toMatchObject({ code: 'bad-params', retryable: false });
    expect(client.closed).toBeUndefined();
  });

  it('params out of range are clamped and told', async () => {
    client.send({ type: 'params', params: { steps: 1e9, strength: -3 } });
    expect((await client.until('params')).params).toMatchObject({ steps: 8, strength: 0.05 });
  });
});

describe('an upgrade is refused', () => {
  async function refusal(path: string, options: { origin?: string; protocol?: string }): Promise<number> {
    const { protocol = 'underpaint.v1', ...rest } = options;
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, protocol, rest);
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
    return response.statusCode;
  }

  it.each([
    ['elsewhere', '/other', {}, 404],
    ['of another protocol', '/ws', { protocol: 'underpaint.v9' }, 400],
  ])('%s', async (_name, path, options, status) => {
    expect(await refusal(path, options)).toBe(status);
  });

  it.each([
    ['of another origin', '/ws', 'https://evil.example', '--allowed-origins https://evil.example'],
    ['without an origin of its own', '/ws?pass=0.x', 'null', '--allowed-origins *'],
  ])('from a page %s, which is told what to set', async (_name, path, origin, cure) => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, 'underpaint.v1', { origin });
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
    expect([code, reason.toString()]).toEqual([4005, expect.stringContaining(cure)]);
  });

  it('to a target that is not an address', async () => {
    const answer = await ask(server.port, 'GET // HTTP/1.1', ...UPGRADE);
    expect(answer).toContain(' 400 Bad Request');
  });

  it('under a name that is not allowed, though origin and host agree', async () => {
    const named = ['Host: rebound.example', 'Origin: http://rebound.example', ...UPGRADE.slice(1)];
    expect(await ask(server.port, 'GET /ws HTTP/1.1', ...named)).toContain(' 403 Forbidden');
  });

  it('without a key, and gets the supported version', async () => {
    const answer = await ask(server.port, 'GET /ws HTTP/1.1', ...UPGRADE.slice(0, 3));
    expect(answer).toMatch(/ 400 Bad Request\r\n[^]*Sec-WebSocket-Version: 13/);
  });

  it('with a body', async () => {
    expect(await ask(server.port, 'GET /ws HTTP/1.1', ...UPGRADE, 'Content-Length: 9')).toContain(' 400 Bad Request');
  });

  it('and counted, by the reason', async () => {
    const count = async () => {
      const text = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
      return Number(/^underpaint_refusals_total\{what="upgrade",reason="not-found"\} (\d+)$/m.exec(text)?.[1] ?? 0);
    };
    const before = await count();
    await ask(server.port, 'GET /other HTTP/1.1', ...UPGRADE);
    expect(await count()).toBe(before + 1);
  });

  it('but not from an allowed origin or its own', async () => {
    for (const origin of ['https://friend.example', `http://127.0.0.1:${server.port}`]) {
      const client = await TestClient.open(server.port, { origin });
      client.close();
    }
  });
});

it('an unexpected error in a session closes it, is counted, and costs nobody else anything', async () => {
  const client = await TestClient.live(server.port);
  const faults = async () => {
    const text = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
    return Number(/^underpaint_faults_total\{where="message"\} (\d+)$/m.exec(text)?.[1] ?? 0);
  };
  const before = await faults();
  vi.spyOn(Session.prototype, 'handleMessage').mockImplementationOnce(() => {
    throw new Error('broken');
  });
  client.send({ type: 'params', params: {} });
  expect(await client.untilClosed()).toEqual({ code: 1011, reason: 'internal error' });
  expect(await faults()).toBe(before + 1);
});

it('survives bytes that are not HTTP', async () => {
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  socket.write(Buffer.from([0, 1, 2, 3, 255, 10, 13, 10, 13, 10]));
  await once(socket, 'close');
});
