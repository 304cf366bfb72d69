import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll } from 'vitest';
import { WebSocket } from 'ws';
import type { Peer } from '../../server/src/transport/peer.js';
import type { FromOwner, ToOwner } from '../../server/src/transport/relay/messages.js';
import { Relay } from '../../server/src/transport/relay/relay.js';
import { RelayedPeer } from '../../server/src/transport/relay/relayed-peer.js';
import { acceptUpgrades } from '../../server/src/transport/ws/upgrades.js';
import { unguarded } from '../helpers/fakes.js';
import { MemoryLink } from '../helpers/memory-link.js';
import { MemoryPeer } from '../helpers/memory-peer.js';
import { peerContract, type FarSide, type PeerPair } from './peer.js';

let server: Server;
let accepted: (peer: Peer) => void;
beforeAll(async () => {
  server = createServer();
  acceptUpgrades(server, {
    path: '/ws',
    maxMessageBytes: 100_000,
    gate: { isAllowedHost: () => true, refusalOfOrigin: () => undefined },
    guard: unguarded,
    addressOf: () => '127.0.0.1',
    busy: () => undefined,
    onConnect: (peer) => accepted(peer),
    onRefused: () => undefined,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

/** A WebSocket client as the other side. */
class WsFarSide implements FarSide {
  readonly received: Uint8Array[] = [];
  closed: FarSide['closed'];
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.received.push(data));
    socket.on('close', (code, reason) => (this.closed = { code, reason: reason.toString() }));
  }

  say = (bytes: Uint8Array, isBinary = true) => this.#socket.send(bytes, { binary: isBinary });
  sayPart = (bytes: Uint8Array) => this.#socket.send(bytes, { fin: false });
  close = () => this.#socket.close();
  vanish = () => this.#socket.terminate();
  freeze = () => this.#socket.pause();
}

async function openWs(): Promise<PeerPair> {
  const connected = new Promise<Peer>((resolve) => (accepted = resolve));
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`);
  const far = new WsFarSide(socket);
  const peer = await connected;
  await once(socket, 'open');
  return { peer, far, end: () => Promise.resolve(socket.terminate()) };
}

function openMemory(): Promise<PeerPair> {
  const peer = new MemoryPeer({ answers: true });
  const far: FarSide = {
    say: (bytes, isBinary) => peer.sayBytes(bytes, isBinary),
    sayPart: (bytes) => peer.sayPart(bytes.length),
    close: () => peer.end(),
    vanish: () => peer.end(),
    freeze: () => (peer.answers = false),
    get received() {
      return peer.received;
    },
    get closed() {
      return peer.closed;
    },
  };
  return Promise.resolve({ peer, far, end: () => Promise.resolve() });
}

/** A WebSocket of another server, which relays it. */
async function openRelayed(): Promise<PeerPair> {
  const { peer: theirs, far, end } = await openWs();
  const [clientLink, ownerLink] = MemoryLink.pair<ToOwner, FromOwner>();
  const nothing = () => undefined;
  const relay = new Relay({ peer: theirs, link: clientLink, onSend: nothing, onLost: nothing });
  theirs.listen({
    handleMessage: (data, isBinary) => relay.say(data, isBinary),
    handleError: nothing,
    handleClose: () => relay.end(),
  });
  return { peer: new RelayedPeer(ownerLink, { address: theirs.address, helloAtMs: 0 }), far, end };
}

peerContract('ws', openWs);
peerContract('a relay', openRelayed);
peerContract('memory', openMemory);
