import {
  decodeServerMessage,
  encodeMessage,
  MAX_FRAMES_IN_FLIGHT,
  SUBPROTOCOL,
  type ClientMessage,
  type ImageMessage,
  type ParamsPatch,
  type ServerMessage,
} from '@underpaint/shared';
import { WebSocket } from 'ws';

export interface LoadClientOptions {
  readonly url: string;
  readonly params: ParamsPatch;
  /** Frames to send in a cycle; two similar ones in a row would be `unchanged`. */
  readonly frames: readonly Uint8Array[];
}

/** The measurements of one client. */
export interface LoadRecord {
  /** From capturing a frame to its final image, ms each. */
  readonly imageMs: number[];
  /** Time in the worker for each of them, ms. */
  readonly runMs: number[];
  /** Frames captured, sent or not. */
  captured: number;
  /** UNet steps of all images. */
  steps: number;
  /** Bytes of these images, and of the frames that they show. */
  bytes: number;
}

interface Captured {
  readonly data: Uint8Array;
  readonly atMs: number;
}

/** A client that keeps to the protocol: at most so many frames without an end as allowed, and beyond these only the newest. */
export class LoadClient {
  readonly #options: LoadClientOptions;
  readonly #socket: WebSocket;
  readonly #sent = new Map<number, Captured>();
  #held: Captured | undefined;
  #maxInFlight = MAX_FRAMES_IN_FLIGHT;
  #seq = 0;
  #timer: NodeJS.Timeout | undefined;
  #record: LoadRecord | undefined;
  #live: (() => void) | undefined;

  private constructor(options: LoadClientOptions) {
    this.#options = options;
    this.#socket = new WebSocket(options.url, SUBPROTOCOL);
    this.#socket.on('message', (bytes: Buffer) => this.#handleMessage(decodeServerMessage(bytes)));
    this.#socket.on('open', () => this.#send({ type: 'hello' }));
  }

  /** Connects and waits until the server has welcomed it. */
  static open(options: LoadClientOptions): Promise<LoadClient> {
    return new Promise((resolve, reject) => {
      const client = new LoadClient(options);
      client.#live = () => resolve(client);
      client.#socket.on('error', reject);
      client.#socket.on('close', (code) => reject(new Error(`the server closed a client with ${code}`)));
    });
  }

  /** Captures frames at a steady rate, the first after `delayMs`. */
  start(framesPerSecond: number, delayMs: number): void {
    this.#timer = setTimeout(() => {
      this.#capture();
      this.#timer = setInterval(() => this.#capture(), 1_000 / framesPerSecond);
    }, delayMs);
  }

  /** Starts recording. Frames sent earlier do not count. */
  measure(): LoadRecord {
    this.#record = { imageMs: [], runMs: [], captured: 0, steps: 0, bytes: 0 };
    return this.#record;
  }

  close(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#timer);
    this.#socket.removeAllListeners('close');
    this.#socket.terminate();
  }

  #capture(): void {
    if (this.#record) this.#record.captured += 1;
    const { frames } = this.#options;
    this.#held = { data: frames[(this.#seq + 1) % frames.length]!, atMs: performance.now() };
    this.#flush();
  }

  #flush(): void {
    if (!this.#held || this.#sent.size >= this.#maxInFlight) return;
    const frame = this.#held;
    this.#held = undefined;
    this.#seq += 1;
    this.#sent.set(this.#seq, frame);
    this.#send({ type: 'frame', seq: this.#seq, data: frame.data });
  }

  #handleMessage(message: ServerMessage | null): void {
    switch (message?.type) {
      case 'welcome':
        this.#maxInFlight = message.limits.maxFramesInFlight ?? MAX_FRAMES_IN_FLIGHT;
        this.#send({ type: 'params', params: this.#options.params });
        return this.#live?.();
      case 'image': {
        this.#send({ type: 'ack', id: message.id });
        const frame = this.#sent.get(message.seq);
        if (!message.final || !frame) return;
        if (this.#record) record(this.#record, message, frame);
        return this.#ended(message.seq);
      }
      case 'dropped':
        return this.#ended(message.seq);
      case 'error':
        throw new Error(`the server failed a frame: ${message.message}`);
      default:
    }
  }

  #ended(seq: number): void {
    this.#sent.delete(seq);
    this.#flush();
  }

  #send(message: ClientMessage): void {
    this.#socket.send(encodeMessage(message));
  }
}

function record(to: LoadRecord, { data, steps, timing }: ImageMessage, frame: Captured): void {
  to.imageMs.push(performance.now() - frame.atMs);
  to.runMs.push(timing.decodeMs + timing.inferMs + timing.encodeMs);
  to.steps += steps;
  to.bytes += frame.data.length + data.length;
}
