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

  /** Takes a peer in, from whatever transport. */
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

  /** Says goodbye to everyone, each with a time of its own after which to come back. */
  bye(code: number, reconnectAfterMs: () => number): void {
    for (const channel of this.#channels) channel.bye(code, reconnectAfterMs());
  }
}
