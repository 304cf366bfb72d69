import { CLOSE, type FrameMessage, type HelloMessage, type Params } from '@underpaint/shared';
import { helloWithin, isSameAccess, type Grant } from '../access/grant.js';
import type { Usage } from '../access/usage.js';
import type { Audit } from '../audit.js';
import type { Canvas } from '../canvas/canvas.js';
import { FrameError } from '../errors.js';
import type { Guard } from '../guard.js';
import type { Metrics } from '../metrics.js';
import type { PromptCheck } from '../words/prompt-check.js';
import type { Admission, Candidate } from './admission.js';
import type { Channel, ChannelListener } from './channel.js';
import { PatchQueue } from './patch-queue.js';
import type { Rejection, RoomEntrance, Visitor } from './participant.js';
import type { SessionRegistry } from './registry.js';
import {
  factsOf,
  type Asking,
  type Entering,
  type Live,
  type SessionFacts,
  type SessionMessage,
  type SessionState,
} from './session-state.js';
import { Solo } from './solo.js';
import { Term } from './term.js';
import { welcomeOf, type Served } from './welcome.js';

export interface SessionOptions {
  readonly channel: Channel;
  readonly visitor: Visitor;
  readonly usage: Usage;
  readonly audit: Audit;
  /** Decides what a client may do, if it may use the server at all; asked before it gets a place or a number in line. */
  readonly admit: (hello: HelloMessage, visitor: Visitor) => Promise<Grant | Rejection>;
  /** What a fresh token allows; undefined if that cannot be said now. */
  readonly renew: (token: string) => Promise<Grant | Rejection | undefined>;
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
  readonly served: Served;
  /** Frames that a polite client has in flight at most. */
  readonly framesInFlight: () => number;
  /** The site's own check of words, if it has one. */
  readonly promptCheck?: PromptCheck | undefined;
  readonly metrics: Metrics;
  readonly guard: Guard;
  readonly now: () => number;
}

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
  readonly #patches: PatchQueue;
  #state: SessionState = { is: 'awaiting-hello' };

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#channel = options.channel;
    const participant = () => (this.#state.is === 'live' ? this.#state.participant : undefined);
    this.#patches = new PatchQueue({ ...options, participant, run: (work) => this.#run('params', work) });
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
        return this.#patches.handle(message.params);
      case 'token':
        return this.#run('token', () => this.#renew(state, message.token));
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

  // ── admission ─────────────────────────────────────────────────────────────────────────────────────────────────────

  async #ask(asking: Asking): Promise<void> {
    const { admit, admission, registry, visitor, usage } = this.#options;
    const { hello, early } = asking;
    const grant = await admit(hello, visitor);
    if (!('reason' in grant)) await registry.recall(hello.resume, visitor.address);
    // The client may have left meanwhile.
    if (this.#state !== asking) return;
    if ('reason' in grant) return this.#refuse(grant, () => this.close(grant.code, grant.reason));
    const isReturning = registry.takeOver(hello.resume);
    const excess = usage.enter(grant);
    if (excess) return this.#refuse(excess, () => this.#channel.refuse(excess));
    this.#state = { is: 'waiting', hello: helloWithin(hello, grant), early, grant };
    const hasPlace = admission.enter(this, isReturning);
    if (!hasPlace) this.#refuse({ what: 'full' }, () => this.#channel.bye(CLOSE.tryAgainLater, RETRY_AFTER_MS));
  }

  #refuse(why: object, close: () => void): void {
    this.#options.audit('refusal', { address: this.#options.visitor.address, ...why });
    close();
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
    const { hello, early, grant } = entering;
    const rejection = hello.room === undefined ? undefined : await this.#options.rooms.load(hello);
    if (this.#state !== entering) return;
    if (rejection) return this.close(rejection.code, rejection.reason);
    this.#begin(hello, grant);
    for (const message of early) this.handleMessage(message);
  }

  #begin(hello: HelloMessage, grant: Grant): void {
    const { rooms, registry, createCanvas, now } = this.#options;
    const member = hello.room === undefined ? undefined : rooms.enter(hello, this.#channel);
    if (member && 'reason' in member) return this.close(member.code, member.reason);
    const memory = registry.open(this, hello.resume);
    const participant = member ?? new Solo((memory.canvas ??= createCanvas(memory.params)), this.#channel);
    participant.allow(grant);
    const term = new Term({ grant, onOver: () => this.#termOnOver(), now });
    const live = { is: 'live', memory, participant, term, enteredMs: now() } as const;
    this.#state = live;
    this.#welcome(live);
    this.#options.audit('connect', factsOf(live, this.#options.visitor));
    // A reader that is too slow for its welcome is gone by now.
    if (this.#state === live) participant.enter();
  }

  #welcome(live: Live): void {
    const { served, framesInFlight } = this.#options;
    this.#channel.send(welcomeOf(live, served, framesInFlight()));
  }

  // ── its token ─────────────────────────────────────────────────────────────────────────────────────────────────────

  async #renew(live: Live, token: string): Promise<void> {
    const grant = await this.#options.renew(token);
    if (this.#state !== live) return;
    const { term, participant } = live;
    if (grant && 'reason' in grant) return this.close(grant.code, grant.reason);
    if (grant && !isSameAccess(grant, term.grant)) {
      return this.close(
        CLOSE.notAuthorised,
        'the fresh token is for somebody else, or allows other things: connect again',
      );
    }
    if (grant) {
      term.renew(grant);
      participant.allow(grant);
    }
    this.#channel.send({ type: 'renewed', ...term.message });
  }

  #termOnOver(): void {
    this.#run('token', () => this.close(CLOSE.notAuthorised, 'the time of this session is over'));
  }

  // ── as the listener of its channel ────────────────────────────────────────────────────────────────────────────────

  handleOpen(): void {
    if (this.#state.is === 'live') this.#state.participant.handleWindowOpen();
  }

  handleEnd(): void {
    const state = this.#state;
    this.#state = { is: 'closed' };
    if (state.is === 'live') this.#leave(state);
    this.#options.usage.leave();
    this.#options.admission.leave(this);
  }

  #leave(live: Live): void {
    const { memory, participant, term } = live;
    const { registry, visitor, guard, now, audit } = this.#options;
    const seconds = Math.round((now() - live.enteredMs) / 1_000);
    audit('close', { ...factsOf(live, visitor), seconds, ...this.#channel.closed });
    term.stop();
    registry.park(this, memory, visitor.address);
    // The session is over all the same, with its place and its connection.
    guard(
      'leave',
      () => participant.leave(),
      () => undefined,
    );
  }

  /** Undefined unless it is live. */
  get facts(): SessionFacts | undefined {
    return this.#state.is === 'live' ? factsOf(this.#state, this.#options.visitor) : undefined;
  }

  // ── end ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  close(code: number, reason: string): void {
    this.#channel.close(code, reason);
  }

  #run(where: string, work: () => unknown): void {
    this.#options.guard(where, work, () => this.close(CLOSE.internal, 'internal error'));
  }
}
