import type { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { encodeMessage } from '@underpaint/shared';
import { afterEach, describe, expect, it } from 'vitest';
import type { UnderpaintServer } from '../../server/dist/server.js';
import { startServer } from '../helpers/start-server.js';
import { TestClient } from '../helpers/test-client.js';

const TLS = {
  tlsCert: fileURLToPath(new URL('../fixtures/tls/cert.pem', import.meta.url)),
  tlsKey: fileURLToPath(new URL('../fixtures/tls/key.pem', import.meta.url)),
};
const device = 'fake:1ms+1ms';

let server: UnderpaintServer;
afterEach(() => server.stop());

/** A client whose pong queues behind its own bytes: it does not answer pings. */
async function live(scheme: 'ws' | 'wss' = 'ws'): Promise<TestClient> {
  const client = await TestClient.open(server.port, { scheme, autoPong: false });
  client.send({ type: 'hello' });
  await client.until('welcome');
  return client;
}

/** Writes one binary WebSocket message in pieces; a mask of zeros changes nothing. */
async function dribble(client: TestClient, message: Uint8Array, { pieces = 20, everyMs = 100 } = {}): Promise<void> {
  const { _socket: socket } = client.socket as unknown as { _socket: Socket };
  const head = Buffer.from([0x82, 0xfe, 0, 0, 0, 0, 0, 0]);
  head.writeUInt16BE(message.length, 2);
  const bytes = Buffer.concat([head, message]);
  const size = Math.ceil(bytes.length / pieces);
  for (let from = 0; from < bytes.length && !client.closed; from += size) {
    socket.write(bytes.subarray(from, from + size));
    await setTimeout(everyMs);
  }
}

const frame = encodeMessage({ type: 'frame', seq: 1, data: new Uint8Array(30_000) });

describe.each(['ws', 'wss'] as const)('over %s', (scheme) => {
  const tls = scheme === 'wss' ? TLS : {};

  it('a frame that takes longer than the heartbeat is rendered', async () => {
    server = await startServer({ device, ...tls, heartbeatMs: 250, messageTimeoutMs: 60_000 });
    const client = await live(scheme);
    await dribble(client, frame);
    expect((await client.until('image')).seq).toBe(1);
  });

  it('a silent one is cut', async () => {
    server = await startServer({ device, ...tls, heartbeatMs: 150 });
    const client = await live(scheme);
    expect((await client.untilClosed()).code).toBe(1006);
  });

  it('one that answers pings may be silent for as long as it likes', async () => {
    server = await startServer({ device, ...tls, heartbeatMs: 50, messageTimeoutMs: 100 });
    const client = await TestClient.open(server.port, { scheme });
    client.send({ type: 'hello' });
    await client.until('welcome');
    await setTimeout(1_000);
    expect(client.closed).toBeUndefined();
  });

  it('a message that does not end is cut, although bytes keep coming', async () => {
    server = await startServer({ device, ...tls, heartbeatMs: 100, messageTimeoutMs: 500 });
    const client = await live(scheme);
    await dribble(client, frame, { pieces: 100, everyMs: 50 });
    expect((await client.untilClosed()).code).toBe(4008);
  });
});
