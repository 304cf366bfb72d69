import type { Peer } from '../transport/peer.js';
import type { Logger } from '../logger.js';
import { Channel, type ChannelOptions } from './channel.js';
import { Connection, type ConnectionLimits } from './connection.js';
import { Session, type SessionOptions } from './session.js';

export interface ConnectionsOptions
  extends Omit<SessionOptions, 'channel' | 'address'>, Pick<ChannelOptions, 'onImage'> {
  readonly limits: ConnectionLimits & Pick<ChannelOptions, 'maxBufferedBytes'>;
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
    const { limits, onImage, metrics, log, guard, now } = options;
    const { maxBufferedBytes } = limits;
    const channel = new Channel({ peer, maxBufferedBytes, onImage, metrics, guard, now });
    const session = new Session({ ...options, channel, address: peer.address });
    const onClosed = () => void this.#channels.delete(channel);
    this.#channels.add(channel);
    new Connection({ peer, channel, session, limits, log, guard, now, onClosed });
  }

  /** Asks all clients to reconnect, each after its own time: one function for each. */
  goodbyes(code: number, reconnectAfterMs: () => number): (() => void)[] {
    return [...this.#channels].map((channel) => () => channel.bye(code, reconnectAfterMs()));
  }
}
