import type { Peer } from '../transport/peer.js';
import type { Logger } from '../logger.js';
import { Channel, type ChannelOptions } from './channel.js';
import { Connection, type ConnectionLimits } from './connection.js';
import { Session, type SessionOptions } from './session.js';

export interface ConnectionsOptions
  extends Omit<SessionOptions, 'channel' | 'visitor'>, Pick<ChannelOptions, 'onImage'> {
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
    const session = new Session({ ...options, channel, visitor: peer });
    const onClosed = () => void this.#channels.delete(channel);
    this.#channels.add(channel);
    new Connection({ peer, channel, session, limits, log, guard, now, onClosed });
  }

  /** Says goodbye to all clients, each with its own time after which to reconnect. */
  bye(code: number, reconnectAfterMs: () => number): void {
    for (const channel of this.#channels) channel.bye(code, reconnectAfterMs());
  }
}
