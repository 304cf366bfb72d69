import { randomUUID } from 'node:crypto';
import { pack, type HelloMessage } from '@underpaint/shared';
import * as v from 'valibot';
import type { Broker } from '../../broker/broker.js';
import { NameSchema, parseMessage } from '../../broker/parse-message.js';
import { NatsLink, subjectOf } from '../../inference/link/nats/nats-link.js';
import type { Peer } from '../peer.js';
import { Front } from './front.js';
import type { ClientFacts, ClientLink, FromOwner, ToOwner } from './messages.js';
import { RelayedPeer } from './relayed-peer.js';

export interface RelaysOptions {
  readonly broker: Broker;
  /** Names this server. */
  readonly server: string;
  readonly rooms: {
    /** The server that has a room, or undefined for this one, which then has it from now on. */
    ownerOf(hello: HelloMessage): Promise<string | undefined>;
  };
  readonly connections: {
    /** Accepts a peer on this server. */
    connect(peer: Peer): void;
  };
}

/** Gateways of another version of the messages do not talk to each other. */
const VERSION = 2;
const AskedSchema = v.object({
  version: v.literal(VERSION),
  /** Of the link. */
  id: NameSchema,
  /** Of the client. */
  address: v.pipe(v.string(), v.maxLength(64)),
  helloAtMs: v.pipe(v.number(), v.finite()),
});

/** The clients of this server whose rooms are on others, and those of others whose rooms are here. */
export class Relays {
  readonly #options: RelaysOptions;
  readonly #fronts = new Set<Front>();
  readonly #endAccepting: () => void;

  constructor(options: RelaysOptions) {
    this.#options = options;
    const { broker, server } = options;
    this.#endAccepting = broker.subscribe(relaySubject(server), ({ bytes }) => this.#accept(bytes));
  }

  /** Clients of this server whose rooms are on others. */
  get size(): number {
    return [...this.#fronts].filter(({ isElsewhere }) => isElsewhere).length;
  }

  /** Serves a client here, or where its room is. */
  connect(peer: Peer): void {
    const { rooms, connections } = this.#options;
    const onClosed = () => void this.#fronts.delete(front);
    const open = (owner: string, client: ClientFacts) => this.#open(owner, client);
    const ownerOf = (hello: HelloMessage) => rooms.ownerOf(hello);
    const front = new Front({ peer, connect: (one) => connections.connect(one), ownerOf, open, onClosed });
    this.#fronts.add(front);
  }

  /** Accepts no more clients of other servers. */
  stop(): void {
    this.#endAccepting();
  }

  /** Asks the clients whose rooms are on other servers to reconnect: one function for each. */
  goodbyes(reconnectAfterMs: () => number): (() => void)[] {
    return [...this.#fronts]
      .filter(({ isElsewhere }) => isElsewhere)
      .map((front) => () => front.sayGoodbye(reconnectAfterMs()));
  }

  #open(owner: string, client: ClientFacts): ClientLink {
    const { broker } = this.#options;
    const id = randomUUID();
    const link = new NatsLink<ToOwner, FromOwner>({ broker, id, end: 'gateway' });
    broker.publish(relaySubject(owner), pack({ version: VERSION, id, ...client }), subjectOf(id, 'gateway'));
    return link;
  }

  #accept(bytes: Uint8Array): void {
    const { broker, connections } = this.#options;
    const asked = parseMessage(AskedSchema, bytes);
    if (!asked) return;
    const link = new NatsLink<FromOwner, ToOwner>({ broker, id: asked.id, end: 'worker' });
    connections.connect(new RelayedPeer(link, asked));
  }
}

function relaySubject(server: string): string {
  return `underpaint.relay.${server}`;
}
