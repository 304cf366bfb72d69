import {
  CLOSE,
  decodeClientMessage,
  encodeMessage,
  ProtocolError,
  type ClientMessage,
  type HelloMessage,
  type ImageReason,
  type ServerMessage,
  type Timing,
} from '@underpaint/shared';
import type { OutgoingImage } from '../canvas/frames.js';
import type { Guard } from '../guard.js';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import { SendWindow } from '../session/send-window.js';
import type { Session, Wire } from '../session/session.js';
import { TokenBucket } from '../session/token-bucket.js';
import type { Socket } from './peer.js';

export interface ConnectionOptions {
  readonly socket: Socket;
  readonly createSession: (wire: Wire) => Session;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly guard: Guard;
  readonly now: () => number;
  /** Takes the times of every image as it goes out. */
  readonly onImage: (timing: Timing, reason: ImageReason) => void;
  readonly helloTimeoutMs: number;
  readonly heartbeatMs: number;
  /** From the first byte of a message that is noticed unfinished to its last. */
  readonly messageTimeoutMs: number;
  readonly maxBytesPerSecond: number;
  /** Bytes that may wait in the socket, beside its window of images, before its reader counts as gone. */
  readonly maxBufferedBytes: number;
}

/** What one message costs of the bytes per second at the least: handling it costs about as much as so many bytes. */
const MIN_MESSAGE_BYTES = 512;
/** Of what a client calls itself, in the log. */
const MAX_CLIENT_CHARS = 100;
/** Time a peer has to answer a close before its socket is cut. */
const CLOSE_TIMEOUT_MS = 2_000;
/** Head of a control frame from a client, which is masked (RFC 6455, section 5.2). */
const CONTROL_HEAD_BYTES = 6;

/** One socket: bytes in, bytes out, the window of images on their way, and the close. */
export class Connection implements Wire {
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  readonly #session: Session;
  readonly #window = new SendWindow<OutgoingImage>();
  readonly #bytes: TokenBucket;
  readonly #helloTimer: NodeJS.Timeout;
  readonly #heartbeatTimer: NodeJS.Timeout;
  #closeTimer: NodeJS.Timeout | undefined;
  #nextImageId = 1;
  /** What was sent in bulk and is still in the socket. */
  #bulkBytes = 0;
  #messageTimer: NodeJS.Timeout | undefined;
  /** Bytes received up to the end of the last message, and of control frames since. */
  #wholeBytes: number;
  /** What had moved at the last tick of the heartbeat; whoever connects is alive. */
  #seen: Traffic = { received: -1, sent: 0, waiting: 0 };

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { socket, helloTimeoutMs, heartbeatMs, maxBytesPerSecond, now } = options;
    this.#socket = socket;
    this.#bytes = new TokenBucket({ perSecond: maxBytesPerSecond, capacity: 2 * maxBytesPerSecond, now });
    this.#session = options.createSession(this);
    this.#wholeBytes = socket.bytesReceived;
    socket.on('message', (data, isBinary) => this.#run('message', () => this.#socketOnMessage(data, isBinary)));
    socket.on('ping', (data) => (this.#wholeBytes += CONTROL_HEAD_BYTES + data.length));
    socket.on('pong', (data) => (this.#wholeBytes += CONTROL_HEAD_BYTES + data.length));
    socket.on('error', (error) => options.log.debug({ err: error }, 'socket'));
    socket.on('close', () => this.#run('close', () => this.#socketOnClose()));
    this.#helloTimer = setTimeout(() => this.#run('hello', () => this.#helloOnTimeout()), helloTimeoutMs);
    this.#heartbeatTimer = setInterval(() => this.#run('heartbeat', () => this.#heartbeatOnTick()), heartbeatMs);
  }

  get session(): Session {
    return this.#session;
  }

  /** What throws ends this connection and no other. */
  #run(where: string, work: () => void): void {
    this.#options.guard(where, work, () => {
      this.#session.close(CLOSE.internal, 'internal error');
      // Where the session had ended before its fault.
      this.close(CLOSE.internal, 'internal error');
    });
  }

  // ── receive ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #socketOnMessage(data: Buffer, isBinary: boolean): void {
    this.#wholeBytes = this.#socket.bytesReceived;
    this.#stopMessageTimer();
    if (this.#closeTimer) return;
    if (!this.#bytes.take(Math.max(data.length, MIN_MESSAGE_BYTES))) {
      return this.#session.close(CLOSE.policy, `more than ${this.#options.maxBytesPerSecond} bytes a second`);
    }
    if (!isBinary) return this.#session.close(CLOSE.protocolError, 'messages must be binary');
    let message: ClientMessage;
    try {
      message = decodeClientMessage(data);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return this.#session.close(CLOSE.protocolError, error.message);
    }
    if (message.type === 'ack') this.#handleAck(message.id);
    if (message.type === 'hello') this.#noteClient(message);
    this.#session.handleMessage(message);
  }

  #noteClient({ client }: HelloMessage): void {
    this.#options.log.debug({ client: client?.slice(0, MAX_CLIENT_CHARS) }, 'hello');
  }

  #handleAck(id: number): void {
    if (id >= this.#nextImageId)
      return this.#session.close(CLOSE.protocolError, `ack of image ${id}, which was not sent`);
    this.#window.acknowledge(id, this.#options.now());
    const image = this.#window.release();
    if (image) this.#transmit(image);
    this.#session.setWindowFull(this.#window.isHolding);
  }

  // ── send ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  send(message: ServerMessage): void {
    this.#run('send', () => this.#send(message));
  }

  #send(message: ServerMessage): void {
    if (this.#closeTimer) return;
    const expectedBytes = this.#window.unacknowledgedBytes + this.#bulkBytes;
    if (this.#socket.bufferedAmount > expectedBytes + this.#options.maxBufferedBytes) {
      return this.#session.close(CLOSE.tooSlow, 'the reader does not keep up');
    }
    this.#socket.send(encodeMessage(message));
  }

  sendBulk(message: ServerMessage, onFlushed: () => void): void {
    this.#run('send', () => this.#sendBulk(message, onFlushed));
  }

  #sendBulk(message: ServerMessage, onFlushed: () => void): void {
    if (this.#closeTimer) return;
    const bytes = encodeShared(message);
    this.#bulkBytes += bytes.length;
    this.#socket.send(bytes, () => {
      this.#bulkBytes -= bytes.length;
      this.#run('flush', onFlushed);
    });
  }

  sendImage(image: OutgoingImage): void {
    this.#run('send', () => this.#sendImage(image));
  }

  #sendImage(image: OutgoingImage): void {
    if (this.#window.isOpen && !this.#window.isHolding) return this.#transmit(image);
    if (!image.final) return;
    const replaced = this.#window.hold(image);
    if (replaced) this.#session.handleReplacedImage(replaced, image);
    this.#session.setWindowFull(true);
  }

  flushImage(): void {
    const image = this.#window.takeHeld();
    if (image) this.#transmit(image);
  }

  #transmit(image: OutgoingImage): void {
    const { seq, at, member, reason, version, receivedMs, queueMs, rendered, final } = image;
    const { data, width, height, step, steps, flagged, timing } = rendered;
    const id = this.#nextImageId++;
    const nowMs = this.#options.now();
    const { decodeMs, inferMs, encodeMs } = timing;
    const times = { queueMs, decodeMs, inferMs, encodeMs, serverMs: nowMs - receivedMs };
    this.#options.onImage(times, reason);
    this.#window.sent(id, data.length, nowMs);
    const type = 'image';
    const sent = { type, id, seq, reason, step, steps, final, version, data, width, height, timing: times } as const;
    const seen = member === undefined ? sent : { ...sent, member };
    const message = flagged ? { ...seen, flagged } : seen;
    this.send(at === undefined ? message : { ...message, at });
  }

  // ── end ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  close(code: number, reason: string): void {
    if (this.#closeTimer) return;
    this.#closeTimer = setTimeout(() => this.#socket.terminate(), CLOSE_TIMEOUT_MS);
    this.#options.metrics.closes.inc({ code: String(code) });
    // A close frame holds 123 bytes of reason.
    this.#socket.close(
      code,
      Buffer.from(reason)
        .subarray(0, 120)
        .toString()
        .replace(/\uFFFD$/, ''),
    );
  }

  #socketOnClose(): void {
    clearTimeout(this.#helloTimer);
    clearInterval(this.#heartbeatTimer);
    clearTimeout(this.#closeTimer);
    this.#stopMessageTimer();
    this.#session.handleClosed();
  }

  #helloOnTimeout(): void {
    if (!this.#session.isKnown) this.#session.close(CLOSE.helloTimeout, 'no hello came in time');
  }

  /** A ping makes the other side send something; its pong may stand behind a large message, either way. */
  #heartbeatOnTick(): void {
    const [before, traffic] = [this.#seen, trafficOf(this.#socket)];
    const hasReceived = traffic.received > before.received;
    // The network takes more of what waited only as fast as the other side acknowledges it.
    const hasDrained = before.waiting > 0 && traffic.sent > before.sent;
    if (!hasReceived && !hasDrained) return this.#socket.terminate();
    this.#seen = traffic;
    this.#socket.ping();
    if (traffic.received > this.#wholeBytes) this.#startMessageTimer();
  }

  #startMessageTimer(): void {
    const { messageTimeoutMs } = this.#options;
    const reason = `a message took more than ${messageTimeoutMs / 1_000} s`;
    const onTimeout = () => this.#run('message', () => this.#session.close(CLOSE.tooSlow, reason));
    this.#messageTimer ??= setTimeout(onTimeout, messageTimeoutMs);
  }

  #stopMessageTimer(): void {
    clearTimeout(this.#messageTimer);
    this.#messageTimer = undefined;
  }
}

/** Bytes that came, that went out, and that wait to go out. */
interface Traffic {
  readonly received: number;
  readonly sent: number;
  readonly waiting: number;
}

function trafficOf({ bytesReceived, bytesSent, bufferedAmount }: Socket): Traffic {
  return { received: bytesReceived, sent: bytesSent, waiting: bufferedAmount };
}

/** Bytes of what goes to many members of a room, made once. */
const shared = new WeakMap<ServerMessage, Uint8Array>();

function encodeShared(message: ServerMessage): Uint8Array {
  const known = shared.get(message);
  if (known) return known;
  const bytes = encodeMessage(message);
  shared.set(message, bytes);
  return bytes;
}
