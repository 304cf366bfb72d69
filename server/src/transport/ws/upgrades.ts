import { ServerResponse, type IncomingMessage, type Server } from 'node:http';
import type { Socket as NetSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import { CLOSE, SUBPROTOCOL } from '@underpaint/shared';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Guard } from '../../guard.js';
import type { AddressOf } from '../client-address.js';
import type { Gate, Visitor } from '../gate.js';
import type { Peer } from '../peer.js';
import { readTarget } from '../target.js';
import { cutReason, WsPeer } from './ws-peer.js';

/** Why an upgrade was refused. */
export type UpgradeRefusal = AnsweredRefusal | 'origin';
/** Refusals with an HTTP status. */
type AnsweredRefusal =
  'bad-target' | 'not-found' | 'host' | 'subprotocol' | 'bad-handshake' | 'stopping' | 'full' | 'address' | 'fault';

export interface UpgradeOptions {
  readonly path: string;
  readonly maxMessageBytes: number;
  readonly gate: Pick<Gate, 'isAllowedHost' | 'refusalOfOrigin'>;
  readonly guard: Guard;
  readonly addressOf: AddressOf;
  /** Why no more connections are accepted, or none from this address, if so. */
  readonly busy: (address: string) => 'stopping' | 'full' | 'address' | undefined;
  readonly onConnect: (peer: Peer) => void;
  readonly onRefused: (reason: UpgradeRefusal, request: IncomingMessage) => void;
}

const MAX_FRAGMENTS = 64;
/** Time for a client to receive the answer to a refused upgrade. */
const ANSWER_TIMEOUT_MS = 5_000;
/** Status line and the headers that go with it. */
const ANSWERS: Readonly<Record<AnsweredRefusal, string>> = {
  'bad-target': '400 Bad Request',
  'not-found': '404 Not Found',
  host: '403 Forbidden',
  subprotocol: '400 Bad Request',
  'bad-handshake': '400 Bad Request\r\nSec-WebSocket-Version: 13',
  stopping: '503 Service Unavailable\r\nRetry-After: 5',
  full: '503 Service Unavailable\r\nRetry-After: 5',
  address: '429 Too Many Requests\r\nRetry-After: 15',
  fault: '500 Internal Server Error',
};

/** Turns HTTP upgrades into WebSocket peers, or answers why not. */
export function acceptUpgrades(server: Server, options: UpgradeOptions): void {
  const { guard, onConnect, onRefused } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: options.maxMessageBytes,
    maxFragments: MAX_FRAGMENTS,
    // One message of a client in a turn of the loop: thousands in one packet must not hold up the others.
    allowSynchronousEvents: false,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  const refuse = (request: IncomingMessage, socket: Duplex, reason: AnsweredRefusal) => {
    onRefused(reason, request);
    answer(socket, ANSWERS[reason]);
  };
  sockets.on('wsClientError', (_error, socket, request) => refuse(request, socket, 'bad-handshake'));
  const handle = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') return ignore(server, request, socket);
    const refusal = refusalOf(request, options);
    if (refusal) return refuse(request, socket, refusal);
    const wrongOrigin = options.gate.refusalOfOrigin(visitorOf(request));
    if (wrongOrigin !== undefined) {
      onRefused('origin', request);
      return sockets.handleUpgrade(request, socket, head, (webSocket) => turnAway(webSocket, wrongOrigin));
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      guard(
        'connect',
        () => onConnect(new WsPeer(webSocket, request.socket, options.addressOf(request))),
        () => {
          // Bytes that came with the upgrade may still be read, and be invalid.
          webSocket.on('error', () => undefined);
          webSocket.terminate();
        },
      );
    });
  };
  server.on('upgrade', (request, socket, head) => {
    guard(
      'upgrade',
      () => handle(request, socket, head),
      () => refuse(request, socket, 'fault'),
    );
  });
}

function refusalOf(
  request: IncomingMessage,
  { path, gate, busy, addressOf }: UpgradeOptions,
): AnsweredRefusal | undefined {
  const target = readTarget(request);
  if (!target) return 'bad-target';
  const { authority } = target;
  if (!gate.isAllowedHost({ authority })) return 'host';
  if (target.path !== path) return 'not-found';
  if (hasBody(request)) return 'bad-handshake';
  const offered = request.headers['sec-websocket-protocol'];
  if (offered !== undefined && !offered.split(',').some((name) => name.trim() === SUBPROTOCOL)) return 'subprotocol';
  return busy(addressOf(request));
}

function visitorOf(request: IncomingMessage): Visitor {
  const pass = new URL(request.url ?? '', 'http://localhost').searchParams.get('pass') ?? undefined;
  return { authority: readTarget(request)?.authority, origin: request.headers.origin, pass };
}

/** Tells a page why it may not connect. Of an HTTP answer to an upgrade, a page sees nothing. */
function turnAway(socket: WebSocket, cure: string): void {
  const cut = setTimeout(() => socket.terminate(), ANSWER_TIMEOUT_MS);
  socket.once('close', () => clearTimeout(cut));
  socket.on('error', () => undefined);
  socket.close(CLOSE.originNotAllowed, cutReason(cure));
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Answers, then destroys the socket, whatever the client does. */
function answer(socket: Duplex, status: string): void {
  socket.on('error', () => undefined);
  const cut = setTimeout(() => socket.destroy(), ANSWER_TIMEOUT_MS);
  socket.once('close', () => clearTimeout(cut));
  // After a fault that followed the answer there is nothing more to say.
  if (!socket.writable) return void socket.destroy();
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}

/** A server may ignore an upgrade it does not know (RFC 9110, section 7.8) and answer the request as it is. */
function ignore(server: Server, request: IncomingMessage, socket: Duplex): void {
  socket.on('error', () => undefined);
  const response = new ServerResponse(request);
  // Node no longer reads requests from this socket.
  response.shouldKeepAlive = false;
  response.assignSocket(socket as NetSocket);
  // On Node 26 it is another kind of stream if the request has a body.
  response.once('finish', () => socket.end(() => socket.destroy()));
  server.emit('request', request, response);
}
