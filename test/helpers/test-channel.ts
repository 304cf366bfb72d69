import { Channel, type ChannelOptions } from '../../server/src/session/channel.js';
import { MemoryPeer } from './memory-peer.js';
import { METRICS, unguarded } from './fakes.js';

/** A channel over a peer in memory, with the messages that it sent. */
export class TestChannel extends Channel {
  readonly peer: MemoryPeer;

  constructor(options: Partial<Omit<ChannelOptions, 'peer'>> = {}) {
    const peer = new MemoryPeer();
    const usual = { maxBufferedBytes: 1e9, onImage: () => undefined, metrics: METRICS, guard: unguarded, now: () => 0 };
    super({ peer, ...usual, ...options });
    this.peer = peer;
  }

  /** Everything but the images. */
  get sent() {
    return this.peer.sent.filter(({ type }) => type !== 'image');
  }

  get images() {
    return this.peer.images;
  }

  override get closed() {
    return this.peer.closed;
  }
}
