import { once } from 'node:events';
import {
  decodeServerMessage,
  encodeMessage,
  SUBPROTOCOL,
  type ClientMessage,
  type HelloMessage,
  type ServerMessage,
  type WelcomeMessage,
} from '@underpaint/shared';
import { WebSocket } from 'ws';

type MessageOf<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>;

export interface TestClientOptions {
  readonly origin?: string;
  readonly protocol?: string;
  readonly scheme?: 'ws' | 'wss';
  readonly autoPong?: boolean;
  /** The address it comes from. */
  readonly localAddress?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A client for tests: it records messages, waits for them, and acknowledges images unless told not to. */
export class TestClient {
  readonly received: ServerMessage[] = [];
  closed: { code: number; reason: string } | undefined;
  acknowledges = true;
  onMessage: (message: ServerMessage) => void = () => undefined;
  readonly #waiters = new Set<() => void>();

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (bytes: Buffer) => this.#socketOnMessage(bytes));
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.#wake();
    });
    socket.on('error', () => undefined);
  }

  static async open(port: number, options: TestClientOptions = {}): Promise<TestClient> {
    const { protocol = SUBPROTOCOL, scheme = 'ws', ...rest } = options;
    // The certificate of the tests is self-signed.
    const settings = { ...rest, rejectUnauthorized: false };
    const socket = new WebSocket(`${scheme}://127.0.0.1:${port}/ws`, protocol, settings);
    const client = new TestClient(socket);
    await once(socket, 'open');
    return client;
  }

  /** Opens a connection and says hello. */
  static async live(
    port: number,
    hello: Omit<HelloMessage, 'type'> = {},
    options: TestClientOptions = {},
  ): Promise<TestClient & { welcome: WelcomeMessage }> {
    const client = await TestClient.open(port, options);
    client.send({ type: 'hello', ...hello });
    const welcome = await client.until('welcome');
    return Object.assign(client, { welcome });
  }

  send(message: ClientMessage): void {
    this.socket.send(encodeMessage(message));
  }

  sendFrame(seq: number, data: Uint8Array): void {
    this.send({ type: 'frame', seq, data, at: seq });
  }

  all<T extends ServerMessage['type']>(type: T): MessageOf<T>[] {
    return this.received.filter((message): message is MessageOf<T> => message.type === type);
  }

  /** The first message of a type that fits, now or later. Rejects when the connection ends first. */
  async until<T extends ServerMessage['type']>(
    type: T,
    fits: (message: MessageOf<T>) => boolean = () => true,
  ): Promise<MessageOf<T>> {
    for (;;) {
      const found = this.all(type).find(fits);
      if (found) return found;
      if (this.closed) throw new Error(`closed with ${this.closed.code} (${this.closed.reason}) before ${type}`);
      await this.next();
    }
  }

  /** The next message, or the end. */
  next(): Promise<void> {
    return new Promise<void>((resolve) => this.#waiters.add(resolve));
  }

  async untilClosed(): Promise<{ code: number; reason: string }> {
    while (!this.closed) await this.next();
    return this.closed;
  }

  close(): void {
    this.socket.close();
  }

  #socketOnMessage(bytes: Buffer): void {
    const message = decodeServerMessage(bytes);
    if (!message) return;
    this.received.push(message);
    this.onMessage(message);
    if (message.type === 'image' && this.acknowledges) this.send({ type: 'ack', id: message.id });
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }
}
