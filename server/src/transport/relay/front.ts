import {
  CLOSE,
  decodeClientMessage,
  encodeMessage,
  ProtocolError,
  type ClientMessage,
  type HelloMessage,
} from '@underpaint/shared';
import type { Peer, PeerListener } from '../peer.js';
import { LocalPeer } from './local-peer.js';
import type { ClientFacts, ClientLink } from './messages.js';
import { PassGate } from './pass-gate.js';
import { Relay } from './relay.js';

export interface FrontOptions {
  readonly peer: Peer;
  /** Accepts a peer on this server. */
  readonly connect: (peer: Peer) => void;
  /** The server that has a room, or undefined for this one, which then has it from now on. */
  readonly ownerOf: (hello: HelloMessage) => Promise<string | undefined>;
  readonly open: (owner: string, client: ClientFacts) => ClientLink;
  readonly onClosed: () => void;
}

/** The client said hello to a room: asking which server has it. */
interface Asking {
  readonly is: 'asking';
  readonly hello: HelloMessage;
  readonly helloAtMs: number;
  /** The messages since then, with the hello. */
  readonly held: Uint8Array[];
  /** As this server knows it so far. */
  readonly local?: LocalPeer;
  /** The server that had the room, and when it was lost, ms. */
  readonly before?: { readonly owner: string; readonly atMs: number };
}

interface Elsewhere {
  readonly is: 'elsewhere';
  /** With the token that it sent last, and when that was: it could expire before the next server sees it. */
  hello: HelloMessage;
  helloAtMs: number;
  readonly owner: string;
  readonly relay: Relay;
}

type State = { readonly is: 'here'; readonly local: LocalPeer } | Asking | Elsewhere | { readonly is: 'closed' };

const MAX_HELD = 100;
/** A message with a token is shorter. Longer ones need not be looked at. */
const MAX_TOKEN_MESSAGE_BYTES = 9_000;
const ASK_AGAIN_MS = 150;
/** A server that still has its rooms so long after its link broke is alive. */
const ALIVE_MS = 4_000;

/**
 * Stands between a client and the server that serves it: this one, or the one that has its room. If that one dies, the client
 * stays connected, and is welcomed again by the next one.
 */
export class Front implements PeerListener {
  readonly #options: FrontOptions;
  readonly #gate = new PassGate();
  #state: State;

  constructor(options: FrontOptions) {
    this.#options = options;
    this.#state = { is: 'here', local: this.#connectHere() };
    options.peer.listen(this);
  }

  /** Whether another server serves it. */
  get isElsewhere(): boolean {
    return this.#state.is === 'elsewhere';
  }

  close(code: number, reason: string): void {
    this.#options.peer.close(code, reason);
  }

  /** Asks a client to reconnect, which will find another server. */
  sayGoodbye(reconnectAfterMs: number): void {
    if (!this.isElsewhere) return;
    this.#options.peer.send(encodeMessage({ type: 'bye', code: CLOSE.restart, reconnectAfterMs }));
    this.close(CLOSE.restart, 'bye');
  }

  // ── as the listener of its peer ───────────────────────────────────────────────────────────────────────────────────

  handleMessage(data: Uint8Array, isBinary: boolean): void {
    const state = this.#state;
    if (state.is === 'here') return this.#handleHere(state.local, data, isBinary);
    if (state.is === 'closed' || !this.#passes(data)) return;
    if (state.is === 'elsewhere') this.#sayElsewhere(state, data, isBinary);
    else if (state.held.length < MAX_HELD) state.held.push(data);
    else this.close(CLOSE.policy, `more than ${MAX_HELD} messages before the welcome`);
  }

  handleError(error: Error): void {
    if ('local' in this.#state) this.#state.local?.listener?.handleError(error);
  }

  handleClose(): void {
    const state = this.#state;
    this.#state = { is: 'closed' };
    if (state.is === 'elsewhere') state.relay.end();
    if ('local' in state) state.local?.listener?.handleClose();
    this.#options.onClosed();
  }

  // ── here ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  #connectHere(): LocalPeer {
    const local = new LocalPeer(this.#options.peer, (data) => this.#gate.handleFromServer(data));
    this.#options.connect(local);
    return local;
  }

  #handleHere(local: LocalPeer, data: Uint8Array, isBinary: boolean): void {
    const hello = local.hasHello || !isBinary ? undefined : helloIn(data);
    if (hello) local.hasHello = true;
    if (hello?.room !== undefined)
      return this.#ask({ is: 'asking', hello, helloAtMs: Date.now(), held: [data], local });
    if (this.#passes(data)) local.listener?.handleMessage(data, isBinary);
  }

  // ── which server ──────────────────────────────────────────────────────────────────────────────────────────────────

  #ask(asking: Asking): void {
    this.#state = asking;
    void this.#options.ownerOf(asking.hello).then(
      (owner) => this.#handleOwner(owner, asking),
      // This server will say what is wrong.
      () => this.#handleOwner(undefined, asking),
    );
  }

  #handleOwner(owner: string | undefined, asking: Asking): void {
    if (this.#state !== asking) return;
    const { before } = asking;
    if (owner === undefined) return this.#stayHere(asking);
    const isSame = owner === before?.owner && performance.now() - before.atMs < ALIVE_MS;
    if (!isSame) return this.#goElsewhere(owner, asking);
    setTimeout(() => this.#state === asking && this.#ask({ ...asking }), ASK_AGAIN_MS);
  }

  #stayHere({ local = this.#connectHere(), held, helloAtMs }: Asking): void {
    Object.assign(local, { hasHello: true, helloAtMs });
    this.#state = { is: 'here', local };
    for (const data of held) local.listener?.handleMessage(data, true);
  }

  #goElsewhere(owner: string, { hello, helloAtMs, held, local }: Asking): void {
    const { peer, open } = this.#options;
    const onSend = (data: Uint8Array) => this.#gate.handleFromServer(data);
    const relay = new Relay({
      peer,
      link: open(owner, { address: peer.address, helloAtMs }),
      onSend,
      onLost: () => this.#relayOnLost(),
    });
    this.#state = { is: 'elsewhere', hello, helloAtMs, owner, relay };
    local?.detach();
    for (const data of held) relay.say(data, true);
  }

  #sayElsewhere(elsewhere: Elsewhere, data: Uint8Array, isBinary: boolean): void {
    // A client that came without a token renews none: its messages need not be decoded here.
    const mayRenew = elsewhere.hello.token !== undefined && data.length <= MAX_TOKEN_MESSAGE_BYTES;
    const token = mayRenew ? tokenIn(data) : undefined;
    if (token !== undefined) Object.assign(elsewhere, { hello: { ...elsewhere.hello, token }, helloAtMs: Date.now() });
    elsewhere.relay.say(data, isBinary);
  }

  /** The server that had the room is gone, or out of reach: says hello for the client to the next one. */
  #relayOnLost(): void {
    const state = this.#state;
    if (state.is !== 'elsewhere') return;
    this.#gate.shut();
    // The session that this names died with that server.
    const { resume: _, ...hello } = state.hello;
    const before = { owner: state.owner, atMs: performance.now() };
    this.#ask({ is: 'asking', hello, helloAtMs: state.helloAtMs, held: [encodeMessage(hello)], before });
  }

  /** A message that cannot be decoded is left to the server that gets it. */
  #passes(data: Uint8Array): boolean {
    try {
      return this.#gate.passes(data);
    } catch (error) {
      if (error instanceof ProtocolError) return true;
      throw error;
    }
  }
}

function helloIn(data: Uint8Array): HelloMessage | undefined {
  const message = messageIn(data);
  return message?.type === 'hello' ? message : undefined;
}

function tokenIn(data: Uint8Array): string | undefined {
  const message = messageIn(data);
  return message?.type === 'token' ? message.token : undefined;
}

function messageIn(data: Uint8Array): ClientMessage | undefined {
  try {
    return decodeClientMessage(data);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
