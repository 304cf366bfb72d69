import { CLOSE, decodeClientMessage, ProtocolError, type ClientMessage } from '@underpaint/shared';
import type { Usage } from '../access/usage.js';
import type { Guard } from '../guard.js';
import type { Logger } from '../logger.js';
import { TokenBucket } from '../token-bucket.js';
import type { Peer, PeerListener } from '../transport/peer.js';
import type { Channel } from './channel.js';
import { Heartbeat } from './heartbeat.js';
import type { Session } from './session.js';

export interface ConnectionLimits {
  /** Longest time from the opening to the hello, ms. */
  readonly helloTimeoutMs: number;
  readonly heartbeatMs: number;
  /** Longest time from the first byte of a message that is noticed unfinished to its last, ms. */
  readonly messageTimeoutMs: number;
  readonly maxBytesPerSecond: number;
  readonly maxMessagesPerSecond: number;
}

export interface ConnectionOptions {
  readonly peer: Peer;
  readonly channel: Channel;
  readonly session: Pick<Session, 'isKnown' | 'handleMessage'>;
  readonly usage: Usage;
  readonly limits: ConnectionLimits;
  readonly log: Logger;
  readonly guard: Guard;
  readonly now: () => number;
  readonly onClosed: () => void;
}

/** Every message costs at least this many bytes of the rate: about as much as it takes to handle one. */
const MIN_MESSAGE_BYTES = 512;
/** Longest name of a client in the log. */
const MAX_PROGRAM_CHARS = 100;

/**
 * The way in, from a peer to its session: bytes are checked against the rate, decoded and passed on. It also watches
 * over the connection: a hello in time, signs of life, messages that complete. `Channel` is the way out.
 */
export class Connection implements PeerListener {
  readonly #options: ConnectionOptions;
  readonly #bytes: TokenBucket;
  readonly #messages: TokenBucket;
  readonly #helloTimer: NodeJS.Timeout;
  readonly #heartbeat: Heartbeat;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { peer, channel, limits, now } = options;
    const { helloTimeoutMs, heartbeatMs, messageTimeoutMs, maxBytesPerSecond, maxMessagesPerSecond } = limits;
    this.#bytes = new TokenBucket({ perSecond: maxBytesPerSecond, capacity: 2 * maxBytesPerSecond, now });
    this.#messages = new TokenBucket({ perSecond: maxMessagesPerSecond, capacity: 2 * maxMessagesPerSecond, now });
    this.#helloTimer = setTimeout(() => this.#run('hello', () => this.#helloOnTimeout()), helloTimeoutMs);
    this.#heartbeat = new Heartbeat({
      peer,
      everyMs: heartbeatMs,
      messageMs: messageTimeoutMs,
      run: (where, work) => this.#run(where, work),
      onStuck: () => channel.close(CLOSE.tooSlow, `a message took more than ${messageTimeoutMs / 1_000} s`),
    });
    peer.listen(this);
  }

  // ── as the listener of its peer ───────────────────────────────────────────────────────────────────────────────────

  handleMessage(data: Uint8Array, isBinary: boolean): void {
    this.#heartbeat.handleMessage();
    this.#run('message', () => this.#receive(data, isBinary));
  }

  handleError(error: Error): void {
    this.#options.log.debug({ err: error }, 'socket');
  }

  handleClose(): void {
    clearTimeout(this.#helloTimer);
    this.#heartbeat.stop();
    this.#options.onClosed();
    this.#run('close', () => this.#options.channel.handleClosed());
  }

  // ── receive ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #receive(data: Uint8Array, isBinary: boolean): void {
    const { channel, session } = this.#options;
    if (channel.isClosed || !this.#isWithinLimits(data.length)) return;
    if (!isBinary) return channel.close(CLOSE.protocolError, 'messages must be binary');
    const message = this.#decode(data);
    if (!message) return;
    if (message.type === 'ack') return channel.acknowledge(message.id);
    const excess = message.type === 'frame' ? this.#options.usage.receiveFrame() : undefined;
    if (excess) return channel.refuse(excess);
    if (message.type === 'hello') this.#logHello(message.program);
    session.handleMessage(message);
  }

  /** Every message counts, also one that turns out to be invalid. */
  #isWithinLimits(bytes: number): boolean {
    const { channel, limits, usage } = this.#options;
    if (!this.#messages.take(1)) {
      channel.close(CLOSE.policy, `more than ${limits.maxMessagesPerSecond} messages a second`);
    } else if (!this.#bytes.take(Math.max(bytes, MIN_MESSAGE_BYTES))) {
      channel.close(CLOSE.policy, `more than ${limits.maxBytesPerSecond} bytes a second`);
    } else {
      const excess = usage.receive(bytes);
      if (excess) channel.refuse(excess);
    }
    return !channel.isClosed;
  }

  #decode(data: Uint8Array): ClientMessage | undefined {
    try {
      return decodeClientMessage(data);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#options.channel.close(CLOSE.protocolError, error.message);
      return undefined;
    }
  }

  #logHello(program: string | undefined): void {
    this.#options.log.debug({ program: program?.slice(0, MAX_PROGRAM_CHARS) }, 'hello');
  }

  #helloOnTimeout(): void {
    const { session, channel } = this.#options;
    if (!session.isKnown) channel.close(CLOSE.helloTimeout, 'no hello came in time');
  }

  /** A throw ends this connection and no other. */
  #run(where: string, work: () => void): void {
    this.#options.guard(where, work, () => this.#options.channel.close(CLOSE.internal, 'internal error'));
  }
}
