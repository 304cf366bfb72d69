import { EventEmitter } from 'node:events';
import { decodeServerMessage, encodeMessage, type ClientMessage, type ServerMessage } from '@underpaint/shared';

/** The bytes that go in and out of a socket, without one. */
export class FakeSocket extends EventEmitter {
  readonly sent: ServerMessage[] = [];
  bufferedAmount = 0;
  bytesReceived = 0;
  bytesSent = 0;
  closed: number | undefined;
  terminated = false;
  pings = 0;
  send = (bytes: Uint8Array, onSent: () => void = () => undefined) => {
    this.sent.push(decodeServerMessage(bytes)!);
    queueMicrotask(onSent);
  };
  close = (code: number) => void (this.closed = code);
  terminate = () => void (this.terminated = true);
  ping = () => void this.pings++;
  receive = (message: ClientMessage) => {
    const bytes = encodeMessage(message);
    this.bytesReceived += bytes.length;
    return this.emit('message', bytes, true);
  };
  get images() {
    return this.sent.filter((message) => message.type === 'image');
  }
}
