import {
  decodeClientMessage,
  DEFAULT_PARAMS,
  DEFAULT_RANGES,
  encodeMessage,
  type ClientMessage,
  type ImageMessage,
  type Params,
  type ServerMessage,
  type WelcomeMessage,
} from '@underpaint/shared';

/** A WebSocket of the page that is connected to a `FakeServer`. */
class FakeSocket extends EventTarget {
  static readonly OPEN = 1;
  readyState = 0;
  binaryType = 'blob';

  constructor(
    readonly server: FakeServer,
    readonly url: string,
  ) {
    super();
    server.urls.push(url);
    server.openSockets += 1;
    setTimeout(() => {
      if (this.readyState !== 0) return;
      if (server.refusing) return this.fromServer(1006);
      this.readyState = 1;
      server.sockets.push(this);
      this.dispatchEvent(new Event('open'));
    });
  }

  send(bytes: Uint8Array): void {
    const message = decodeClientMessage(bytes.slice());
    queueMicrotask(() => this.server.receive(message));
  }

  close(code = 1005): void {
    this.server.clientClosedWith = code;
    this.fromServer(code);
  }

  fromServer(code: number, reason = ''): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.server.openSockets -= 1;
    setTimeout(() => this.dispatchEvent(new CloseEvent('close', { code, reason })));
  }
}

/** The last one answers. */
const servers: FakeServer[] = [];

/** A scripted server inside the page. It sends welcome and answers params, and collects frames. */
export class FakeServer {
  readonly sockets: FakeSocket[] = [];
  /** Addresses of all sockets, in the order of creation. */
  readonly urls: string[] = [];
  readonly received: ClientMessage[] = [];
  /** Sockets that connect or are open. */
  openSockets = 0;
  refusing = false;
  /** Answers every frame at once with an image of the same bytes. */
  echo = false;
  welcome = true;
  clientClosedWith: number | null = null;
  lastSeq = 0;
  params: Params = DEFAULT_PARAMS;
  defaults: Params = DEFAULT_PARAMS;
  ranges = DEFAULT_RANGES;
  /** What the model says beside its size. */
  model: Partial<WelcomeMessage['model']> = { emptySheet: '#ffffff' };
  #version = 0;
  #id = 0;
  readonly #original = globalThis.WebSocket;

  constructor(readonly size = { width: 64, height: 64 }) {
    globalThis.WebSocket = class extends FakeSocket {
      constructor(url: string) {
        super(servers.at(-1)!, url);
      }
    } as never;
    servers.push(this);
  }

  /** Drops everything that could keep a client alive. */
  forget(): void {
    this.sockets.length = 0;
    this.received.length = 0;
  }

  uninstall(): void {
    globalThis.WebSocket = this.#original;
  }

  ofType<T extends ClientMessage['type']>(type: T): Extract<ClientMessage, { type: T }>[] {
    return this.received.filter((message) => message.type === type) as Extract<ClientMessage, { type: T }>[];
  }

  send(message: ServerMessage): void {
    const data = encodeMessage(message).slice().buffer;
    this.sockets.at(-1)?.dispatchEvent(new MessageEvent('message', { data }));
  }

  close(code: number): void {
    this.sockets.at(-1)?.fromServer(code);
  }

  image(seq: number, data: Uint8Array, more: Partial<ImageMessage> = {}): void {
    const timing = { queueMs: 0, decodeMs: 0, inferMs: 5, encodeMs: 0, serverMs: 6 };
    const size = { width: 256, height: 256 };
    this.send({
      type: 'image',
      id: ++this.#id,
      seq,
      reason: 'frame',
      step: 2,
      steps: 2,
      final: true,
      version: 0,
      data,
      timing,
      ...size,
      ...more,
    });
  }

  receive(message: ClientMessage): void {
    this.received.push(message);
    if (message.type === 'hello' && this.welcome) this.sayWelcome();
    if (message.type === 'params') {
      this.params = { ...this.params, ...message.params };
      this.send({ type: 'params', version: ++this.#version, params: this.params });
    }
    if (message.type === 'frame' && this.echo) this.image(message.seq, message.data);
  }

  sayWelcome(): void {
    this.send({
      type: 'welcome',
      protocol: 1,
      session: 's1',
      resume: 'r1',
      lastSeq: this.lastSeq,
      features: [],
      model: {
        id: 'fake',
        name: 'Fake',
        ...this.size,
        prompts: ['misty mountains', 'a calm sea'],
        palette: [],
        startsFromNoise: false,
        ...this.model,
      },
      params: this.params,
      defaults: this.defaults,
      ranges: this.ranges,
      limits: { maxFrameBytes: 500_000, maxFramePixels: 1_000_000, maxFramesPerSecond: 20 },
    });
  }
}
