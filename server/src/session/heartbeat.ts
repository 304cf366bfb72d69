import type { Peer } from '../transport/peer.js';

export interface HeartbeatOptions {
  readonly peer: Peer;
  readonly everyMs: number;
  /** Longest time from the first byte of a message that is noticed unfinished to its last, ms. */
  readonly messageMs: number;
  /** Runs the work of a timer. */
  readonly run: (where: string, work: () => void) => void;
  /** A message did not complete in time. */
  readonly onStuck: () => void;
}

/** Counts of bytes, at one moment. */
interface Traffic {
  readonly received: number;
  readonly sent: number;
  readonly waiting: number;
}

/** Ends the connection of a peer that shows no sign of life, and reports one that does not finish a message. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #timer: NodeJS.Timeout;
  #messageTimer: NodeJS.Timeout | undefined;
  /** At the last tick; a peer that connects is alive. */
  #seen: Traffic = { received: -1, sent: 0, waiting: 0 };

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#timer = setInterval(() => options.run('heartbeat', () => this.#tick()), options.everyMs);
  }

  /** A message is complete. */
  handleMessage(): void {
    clearTimeout(this.#messageTimer);
    this.#messageTimer = undefined;
  }

  stop(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#messageTimer);
  }

  /** A ping makes the other side send something. Its answer may queue behind a large message, in either direction. */
  #tick(): void {
    const { peer } = this.#options;
    const [before, traffic] = [this.#seen, trafficOf(peer)];
    const hasReceived = traffic.received > before.received;
    // The network takes more of the waiting bytes only as fast as the other side acknowledges them.
    const hasDrained = before.waiting > 0 && traffic.sent > before.sent;
    if (!hasReceived && !hasDrained) return peer.terminate();
    this.#seen = traffic;
    peer.ping();
    if (peer.partialBytes > 0) this.#startMessageTimer();
  }

  #startMessageTimer(): void {
    const { messageMs, run, onStuck } = this.#options;
    this.#messageTimer ??= setTimeout(() => run('message', onStuck), messageMs);
  }
}

function trafficOf({ receivedBytes, sentBytes, waitingBytes }: Peer): Traffic {
  return { received: receivedBytes, sent: sentBytes, waiting: waitingBytes };
}
