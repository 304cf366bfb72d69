import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { pino } from 'pino';
import { afterAll, beforeAll, describe } from 'vitest';
import type { Broker } from '../../server/dist/broker/broker.js';
import { connectNats } from '../../server/dist/broker/nats.js';
import { NatsLink } from '../../server/dist/inference/link/nats/nats-link.js';
import { hasNatsServer, NatsServer } from '../helpers/nats-server.js';
import { linkContract, TEST_MAX_QUEUED, type Answer, type Ask } from './link.js';

const PEER = new URL('./nats-peer.mjs', import.meta.url);

describe.runIf(hasNatsServer('the contract of links over NATS'))('with a NATS server', () => {
  let server: NatsServer;
  let broker: Broker;
  const peers: ChildProcess[] = [];
  beforeAll(async () => {
    server = await NatsServer.start();
    const log = pino({ level: 'silent' });
    broker = await connectNats({ url: server.url, name: 'test', log, guard: (work) => work() });
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
});
