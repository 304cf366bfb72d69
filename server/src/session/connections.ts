import type { Quotas } from '../access/quotas.js';
import type { Peer } from '../transport/peer.js';
import type { Logger } from '../logger.js';
import { Channel, type ChannelOptions } from './channel.js';
import { Connection, type ConnectionLimits } from './connection.js';
import { Session, type SessionOptions } from './session.js';

export interface ConnectionsOptions
  extends Omit<SessionOptions, 'channel' | 'visitor' | 'usage'>, Pick<ChannelOptions, 'onImage'> {
  readonly limits: ConnectionLimits & Pick<ChannelOptions, 'maxBufferedBytes'>;
  readonly quotas: Quotas;
  readonly log: Logger;
}

/** All peers that are connected, each with its way in, its session and its way out. */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #channels = new Set<Channel>();

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#channels.size;
  }

  /** Accepts a peer from any transport. */
  connect(peer: Peer): void {
    const options = this.#options;
    const { limits, onImage, metrics, log, guard, now, quotas } = options;
    const { maxBufferedBytes } = limits;
    const usage = quotas.connect(peer.address);
    const onSent = (bytes: number) => quotas.ceilings.sent(bytes);
    const channel = new Channel({ peer, maxBufferedBytes, onSent, onImage, metrics, guard, now });
    const session = new Session({ ...options, channel, visitor: peer, usage });
    const onClosed = () => {
      this.#channels.delete(channel);
      usage.close();
    };
    this.#channels.add(channel);
    new Connection({ peer, channel, session, usage, limits, log, guard, now, onClosed });
  }

  /** Asks all clients to reconnect, each after its own time: one function for each. */
  goodbyes(code: number, reconnectAfterMs: () => number): (() => void)[] {
    return [...this.#channels].map((channel) => () => channel.bye(code, reconnectAfterMs()));
  }
}
