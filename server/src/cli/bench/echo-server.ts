import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

/* A server that only echoes, in a process of its own: the upper bound for any server on this library. */

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false, maxPayload: 512 * 1024 });
server.on('connection', (socket) => socket.on('message', (data: Buffer) => socket.send(data)));
server.on('listening', () => process.send!((server.address() as AddressInfo).port));
