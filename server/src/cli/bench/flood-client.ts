import { once } from 'node:events';
import { encodeMessage, SUBPROTOCOL } from '@underpaint/shared';
import { WebSocket } from 'ws';

/** Numbers from here on take five bytes as MessagePack, so that they can be written over in place. */
const FIRST_SEQ = 0x1_0000;

/** A frame message whose number and picture are changed in place: making messages is not what is measured. */
class FrameTemplate {
  readonly #bytes: Buffer;
  readonly #seqAt: number;
  readonly #dataAt: number;
  #seq = FIRST_SEQ;

  constructor(size: number) {
    const data = new Uint8Array(size).fill(7);
    this.#bytes = Buffer.from(encodeMessage({ type: 'frame', seq: FIRST_SEQ, data }));
    const seq = Buffer.from([0xce, 0, 1, 0, 0]);
    this.#seqAt = this.#bytes.indexOf(seq) + 1;
    this.#dataAt = this.#bytes.lastIndexOf(7) - 4;
  }

  next(): Buffer {
    this.#seq += 1;
    this.#bytes.writeUInt32BE(this.#seq, this.#seqAt);
    this.#bytes.writeUInt32BE(this.#seq, this.#dataAt);
    return this.#bytes;
  }
}

export interface FloodClientOptions {
  readonly url: string;
  /** Bytes of the picture in a message. */
  readonly bytes: number;
  /** Whether the other side speaks the protocol, or only echoes. */
  readonly speaks: boolean;
}

/** Sends a frame, takes the answer, acknowledges it where that is wanted, and counts. */
export class FloodClient {
  readonly #options: FloodClientOptions;
  readonly #socket: WebSocket;
  readonly #frame: FrameTemplate;
  #images = 0;
  #free = true;
  #onAnswer: () => void = () => undefined;

  private constructor(options: FloodClientOptions) {
    this.#options = options;
    this.#frame = new FrameTemplate(options.bytes);
    this.#socket = new WebSocket(options.url, options.speaks ? SUBPROTOCOL : [], { perMessageDeflate: false });
    this.#socket.on('error', () => undefined);
  }

  static async open(options: FloodClientOptions): Promise<FloodClient> {
    const client = new FloodClient(options);
    const socket = client.#socket;
    await once(socket, 'open');
    if (options.speaks) {
      socket.send(encodeMessage({ type: 'hello' }));
      await once(socket, 'message');
      socket.send(encodeMessage({ type: 'params', params: { steps: 1, minSteps: 1, preview: false } }));
      await once(socket, 'message');
    }
    socket.on('message', (data: Buffer) => client.#handleMessage(data));
    return client;
  }

  /** Whether the last frame was answered. */
  get isFree(): boolean {
    return this.#free;
  }

  onAnswer(listener: () => void): void {
    this.#onAnswer = listener;
  }

  send(): void {
    this.#free = false;
    this.#socket.send(this.#frame.next());
  }

  close(): void {
    this.#socket.terminate();
  }

  #handleMessage(data: Buffer): void {
    // Anything smaller than the picture is not an echo of it.
    if (data.length < this.#options.bytes) return;
    if (this.#options.speaks) this.#socket.send(encodeMessage({ type: 'ack', id: ++this.#images }));
    this.#free = true;
    this.#onAnswer();
  }
}
