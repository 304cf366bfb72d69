import {
  CLOSE,
  ParamsError,
  PROTOCOL_VERSION,
  type ClientMessage,
  type FrameMessage,
  type HelloMessage,
  type Params,
  type WelcomeMessage,
} from '@underpaint/shared';
import type { Canvas } from '../canvas/canvas.js';
import { FrameError } from '../errors.js';
import type { Guard } from '../guard.js';
import type { Metrics } from '../metrics.js';
import type { Admission, Candidate } from './admission.js';
import type { Channel, ChannelListener } from './channel.js';
import type { Participant, Rejection, RoomEntrance } from './participant.js';
import type { SessionMemory, SessionRegistry } from './registry.js';
import { Solo } from './solo.js';

export interface SessionOptions {
  readonly channel: Channel;
  /** Address of the client. */
  readonly address: string;
  /** Decides whether a client may use the server at all; asked before it gets a place or a number in line. */
  readonly admit: (hello: HelloMessage, address: string) => Promise<Rejection | undefined>;
  readonly registry: SessionRegistry<Session>;
  readonly admission: Admission<Session>;
  readonly rooms: RoomEntrance;
  /** @param saved parameters from another server */
  readonly createCanvas: (saved?: object) => Canvas;
  /** Device time in ms of an image with such parameters. */
  readonly cost: (params: Pick<Params, 'steps' | 'guidance'>) => number;
  /** Parameters of a new session. */
  readonly initialParams: Params;
  /** The part of the welcome that is the same for everyone. */
  readonly served: Pick<WelcomeMessage, 'features' | 'model' | 'defaults' | 'ranges' | 'limits'>;
  /** Frames that a polite client has in flight at most. */
  readonly framesInFlight: () => number;
  readonly metrics: Metrics;
  readonly guard: Guard;
  readonly now: () => number;
}

/** Everything a client says except acknowledgements, which concern its channel. */
type SessionMessage = Exclude<ClientMessage, { readonly type: 'ack' }>;

interface BeforeWelcome {
  readonly hello: HelloMessage;
  /** Messages that a client sent without waiting for its welcome. */
  readonly early: SessionMessage[];
}

/** Asking whether the client may use the server. */
interface Asking extends BeforeWelcome {
  readonly is: 'asking';
}

/** In line for a place. */
interface Waiting extends BeforeWelcome {
  readonly is: 'waiting';
}

/** It has a place; its room is being loaded. */
interface Entering extends BeforeWelcome {
  readonly is: 'entering';
}

interface Live {
  readonly is: 'live';
  readonly memory: SessionMemory;
  readonly participant: Participant;
  readonly enteredMs: number;
}

type SessionState = { readonly is: 'awaiting-hello' } | Asking | Waiting | Entering | Live | { readonly is: 'closed' };

/** A client that was asked to make way for others may return after this time. */
const RETURN_AFTER_MS = 30_000;
/** A client that found even the line full may return after this time. */
const RETRY_AFTER_MS = 5_000;
/** Messages that a client may send ahead of its welcome. */
const MAX_EARLY = 100;

/** One client's conversation, from its hello to its end. */
export class Session implements Candidate, ChannelListener {
  readonly #options: SessionOptions;
  readonly #channel: Channel;
  #state: SessionState = { is: 'awaiting-hello' };

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#channel = options.channel;
    this.#channel.listen(this);
  }

  /** Whether the client has said hello. */
  get isKnown(): boolean {
    return this.#state.is !== 'awaiting-hello' && this.#state.is !== 'closed';
  }

  /** The canvas of a live session. */
  get canvas(): Canvas | undefined {
    return this.#state.is === 'live' ? this.#state.participant.canvas : undefined;
  }

  // ── receive ───────────────────────────────────────────────────────────────────────────────────────────────────────

  handleMessage(message: SessionMessage): void {
    const state = this.#state;
    if (state.is === 'awaiting-hello') return this.#handleFirst(message);
    if (state.is === 'closed') return;
    if (message.type === 'hello') return this.close(CLOSE.protocolError, 'hello may be sent only once');
    switch (state.is) {
      case 'asking':
      case 'entering':
        return this.#keep(state, message);
      case 'waiting':
        return; // nothing is lost: a client sends its parameters and its drawing when it is welcomed
      case 'live':
        return this.#handleLive(state, message);
    }
  }

  #handleFirst(message: SessionMessage): void {
    if (message.type !== 'hello') {
      return this.close(CLOSE.protocolError, `the first message must be hello, not ${message.type}`);
    }
    const asking: Asking = { is: 'asking', hello: message, early: [] };
    this.#state = asking;
    this.#run('admission', () => this.#ask(asking));
  }

  #keep({ early }: Asking | Entering, message: SessionMessage): void {
    if (early.length < MAX_EARLY) early.push(message);
    else this.close(CLOSE.policy, `more than ${MAX_EARLY} messages before the welcome`);
  }

  #handleLive(state: Live, message: Exclude<SessionMessage, HelloMessage>): void {
    switch (message.type) {
      case 'frame':
        return this.#handleFrame(state, message);
      case 'params':
        return this.#handleParams(state, message.params);
      default:
        return state.participant.handleRoomMessage(message);
    }
  }

  #handleFrame({ memory, participant }: Live, frame: FrameMessage): void {
    const { seq, data } = frame;
    if (seq <= memory.lastSeq) return this.close(CLOSE.protocolError, `frame seq ${seq} does not rise`);
    memory.lastSeq = seq;
    this.#options.metrics.frames.inc();
    const { maxFrameBytes } = this.#options.served.limits;
    if (data.length <= maxFrameBytes) return participant.handleFrame(frame);
    const message = `the frame has ${data.length} bytes; the limit is ${maxFrameBytes}`;
    this.#channel.tellFailed(seq, new FrameError('image-too-large', message));
  }

  #handleParams({ participant }: Live, patch: unknown): void {
    try {
      participant.handleParams(patch);
    } catch (error) {
      if (!(error instanceof ParamsError)) throw error;
      this.#channel.tellFailed(undefined, new FrameError('bad-params', error.message));
    }
  }

  // ── admission ─────────────────────────────────────────────────────────────────────────────────────────────────────

  async #ask(asking: Asking): Promise<void> {
    const { admit, admission, registry, address } = this.#options;
    const { hello, early } = asking;
    const [rejection] = await Promise.all([admit(hello, address), registry.recall(hello.resume, address)]);
    // The client may have left meanwhile.
    if (this.#state !== asking) return;
    if (rejection) return this.close(rejection.code, rejection.reason);
    this.#state = { is: 'waiting', hello, early };
    const hasPlace = admission.enter(this, registry.takeOver(hello.resume));
    if (!hasPlace) this.#channel.bye(CLOSE.tryAgainLater, RETRY_AFTER_MS);
  }

  frameMs(): number {
    const { cost, initialParams, rooms } = this.#options;
    const state = this.#state;
    if (state.is === 'live') return state.participant.share * cost(state.participant.canvas.params);
    const room = 'hello' in state ? state.hello.room : undefined;
    return room !== undefined && rooms.isAwake(room) ? 0 : cost(initialParams);
  }

  lastFrameMs(): number {
    const state = this.#state;
    if (state.is !== 'live') return this.#options.now();
    return Math.max(state.enteredMs, state.participant.canvas.lastFrameMs);
  }

  tellPosition(position: number): void {
    if (this.#state.is === 'waiting') this.#state.early.length = 0;
    this.#channel.send({ type: 'waiting', position });
  }

  givePlace(): void {
    this.#channel.bye(CLOSE.tryAgainLater, RETURN_AFTER_MS);
  }

  /** A throw ends this session, not the one that left a place for it. */
  admit(): void {
    if (this.#state.is !== 'waiting') return;
    const entering: Entering = { ...this.#state, is: 'entering' };
    this.#state = entering;
    this.#run('admission', () => this.#enter(entering));
  }

  async #enter(entering: Entering): Promise<void> {
    const { hello, early } = entering;
    const rejection = hello.room === undefined ? undefined : await this.#options.rooms.load(hello);
    if (this.#state !== entering) return;
    if (rejection) return this.close(rejection.code, rejection.reason);
    this.#begin(hello);
    for (const message of early) this.handleMessage(message);
  }

  #begin(hello: HelloMessage): void {
    const { rooms, registry, createCanvas, now } = this.#options;
    const member = hello.room === undefined ? undefined : rooms.enter(hello, this.#channel);
    if (member && 'reason' in member) return this.close(member.code, member.reason);
    const memory = registry.open(this, hello.resume);
    const participant = member ?? new Solo((memory.canvas ??= createCanvas(memory.params)), this.#channel);
    const live = { is: 'live', memory, participant, enteredMs: now() } as const;
    this.#state = live;
    this.#welcome(live);
    // A reader that is too slow for its welcome is gone by now.
    if (this.#state === live) participant.enter();
  }

  #welcome({ memory, participant }: Live): void {
    const { session, resume, lastSeq } = memory;
    const { canvas, room } = participant;
    const { served, framesInFlight } = this.#options;
    this.#channel.send({
      type: 'welcome',
      protocol: PROTOCOL_VERSION,
      session,
      resume,
      lastSeq,
      ...served,
      limits: { ...served.limits, maxFramesInFlight: framesInFlight() },
      params: canvas.params,
      ...(room && { room }),
    });
  }

  // ── as the listener of its channel ────────────────────────────────────────────────────────────────────────────────

  handleOpen(): void {
    if (this.#state.is === 'live') this.#state.participant.handleWindowOpen();
  }

  handleEnd(): void {
    const state = this.#state;
    this.#state = { is: 'closed' };
    if (state.is === 'live') this.#leave(state);
    this.#options.admission.leave(this);
  }

  #leave({ memory, participant }: Live): void {
    const { registry, address, guard } = this.#options;
    registry.park(this, memory, address);
    // The session is over all the same, with its place and its connection.
    guard(
      'leave',
      () => participant.leave(),
      () => undefined,
    );
  }

  // ── end ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  close(code: number, reason: string): void {
    this.#channel.close(code, reason);
  }

  #run(where: string, work: () => unknown): void {
    this.#options.guard(where, work, () => this.close(CLOSE.internal, 'internal error'));
  }
}
