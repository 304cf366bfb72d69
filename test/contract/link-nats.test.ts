import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Broker } from '../../server/dist/broker/broker.js';
import { connectNats } from '../../server/dist/broker/nats.js';
import { NatsLink } from '../../server/dist/inference/link/nats/nats-link.js';
import { natsOperator } from '../helpers/nats-creds.js';
import { hasNatsServer, NatsServer } from '../helpers/nats-server.js';
import { linkContract, TEST_MAX_QUEUED, type Answer, type Ask } from './link.js';

const PEER = new URL('./nats-peer.mjs', import.meta.url);

const log = { info: console.log, warn: vi.fn(console.warn), error: console.error };

/** Runs the contract. */
function onServer(): void {
  let server: NatsServer;
  let broker: Broker;
  const peers: ChildProcess[] = [];
  beforeAll(async () => {
    server = await NatsServer.start();
    broker = await connectNats({ url: server.url, creds: '', name: 'test', log });
  });
  afterAll(async () => {
    for (const peer of peers) peer.kill('SIGKILL');
    await broker.close();
    await server.stop();
  });

  linkContract('NATS', () => {
    const id = `test-${peers.length}`;
    const link = new NatsLink<Ask, Answer>({ broker, id, end: 'gateway', maxQueued: TEST_MAX_QUEUED });
    const peer = fork(PEER, [server.url, id]);
    peers.push(peer);
    const exited = once(peer, 'exit');
    return {
      link,
      stall: () => void peer.kill('SIGSTOP'),
      crash: () => void peer.kill('SIGKILL'),
      peerEnded: () => exited,
    };
  });
}

describe.runIf(hasNatsServer('the contract of links over NATS'))('with a NATS server', () => {
  onServer();

  it.each([
    ['refuses', 32_768, /allows messages of 32768 bytes; it needs at least 65536: set max_payload to 1MB/],
    ['warns of', 65_536, undefined],
  ])('%s one that allows small messages only, in one line', async (_, maxPayload, error) => {
    const server = await NatsServer.start(`max_payload: ${maxPayload}`);
    const connecting = connectNats({ url: server.url, creds: '', name: 'test', log });
    if (error) await expect(connecting).rejects.toThrow(error);
    else await (await connecting).close();
    expect(log.warn).toHaveBeenCalledTimes(error ? 0 : 1);
    await server.stop();
  });

  it('knows a user by a credentials file', async () => {
    const { config, creds } = natsOperator();
    const dir = await mkdtemp(join(tmpdir(), 'underpaint-creds-'));
    const [file, server] = [join(dir, 'user.creds'), await NatsServer.start(...config)];
    await writeFile(file, creds);
    const as = (name: string) => connectNats({ url: server.url, creds: name, name: 'test', log });
    await (await as(file)).close();
    await expect(as('')).rejects.toThrow(/cannot connect to NATS at .*authorization violation/i);
    await expect(as(join(dir, 'none.creds'))).rejects.toThrow(/^--nats-creds .*none.creds cannot be read: ENOENT/);
    await server.stop();
    await rm(dir, { recursive: true });
  });
});
