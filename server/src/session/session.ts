import {
  CLOSE,
  ParamsError,
  PROTOCOL_VERSION,
  type ClientMessage,
  type DropReason,
  type FrameMessage,
  type HelloMessage,
  type Limits,
  type ModelSummary,
  type Params,
  type Ranges,
  type ServerMessage,
} from '@underpaint/shared';
import type { Admission, Candidate } from './admission.js';
import type { Canvas } from '../canvas/canvas.js';
import { FrameError } from '../errors.js';
import type { OutgoingImage } from '../canvas/frames.js';
import type { Guard } from '../guard.js';
import type { Metrics } from '../metrics.js';
import type { Conversation, Participant } from './participant.js';
import type { SessionMemory, SessionRegistry } from './registry.js';
import { Solo } from './solo.js';

/** What a session sees of its socket. */
export interface Wire {
  send(message: ServerMessage): void;
  /** For what is large or much: `onFlushed` is called when the socket took it, and is not waited for in `send`. */
  sendBulk(message: ServerMessage, onFlushed: () => void): void;
  /** Images are lossy: one that waits for a slow reader is replaced by the next. */
  sendImage(image: OutgoingImage): void;
  /** Sends an image that waits for its reader: nothing more will come. */
  flushImage(): void;
  close(code: number, reason: string): void;
}

/** Why a conversation ends. */
export interface Refusal {
  readonly code: number;
  readonly reason: string;
}

/** What a session sees of the rooms. */
export interface RoomEntrance {
  /** Whether the room that a hello names can be entered; one that is new is made. */
  prepare(hello: HelloMessage, address: string): Refusal | undefined;
  /** Whether somebody is in that room, which then costs no more with one more in it. */
  isAwake(key: string): boolean;
  /** Makes a member of the room that a hello names, or says why not. */
  enter(hello: HelloMessage, conversation: Conversation): Participant | Refusal;
}

export interface SessionOptions {
  readonly wire: Wire;
  /** Where the client is. */
  readonly address: string;
  readonly registry: SessionRegistry<Session>;
  readonly admission: Admission<Session>;
  readonly rooms: RoomEntrance;
  readonly createCanvas: () => Canvas;
  readonly metrics: Metrics;
  readonly guard: Guard;
  readonly model: ModelSummary;
  /** Device time in ms of an image with such parameters. */
  readonly cost: (params: Pick<Params, 'steps' | 'guidance'>) => number;
  /** What a new session starts with. */
  readonly initialParams: Params;
  /** What this server offers beyond the first version of the protocol. */
  readonly features: readonly string[];
  readonly ranges: Ranges;
  readonly limits: Limits;
  readonly now: () => number;
}

interface Live {
  readonly is: 'live';
  readonly memory: SessionMemory;
  readonly participant: Participant;
  readonly enteredMs: number;
}

type SessionState =
  | { readonly is: 'awaiting-hello' }
  | { readonly is: 'waiting'; readonly hello: HelloMessage }
  | Live
  | { readonly is: 'closing' };

/** Time after which a client that was asked to make room for others may try again. */
const RETURN_AFTER_MS = 30_000;
/** The same for one that found even the line full. */
const RETRY_AFTER_MS = 5_000;

/** One client's conversation over one WebSocket, from the first byte to the close. */
export class Session implements Conversation, Candidate {
  readonly #options: SessionOptions;
  #state: SessionState = { is: 'awaiting-hello' };
  #isWindowFull = false;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Whether the client has said hello. */
  get isKnown(): boolean {
    return this.#state.is === 'waiting' || this.#state.is === 'live';
  }

  /** What it draws on, while it is live. */
  get canvas(): Canvas | undefined {
    return this.#state.is === 'live' ? this.#state.participant.canvas : undefined;
  }

  // ── receive ───────────────────────────────────────────────────────────────────────────────────────────────────────

  handleMessage(message: ClientMessage): void {
    const state = this.#state;
    switch (state.is) {
      case 'awaiting-hello':
        if (message.type === 'hello') return this.#handleHello(message);
        return this.close(CLOSE.protocolError, `the first message must be hello, not ${message.type}`);
      case 'waiting':
        // Nothing is lost: a client sends its parameters and its drawing when it is welcomed.
        if (message.type !== 'hello') return;
        return this.close(CLOSE.protocolError, 'hello may be sent only once');
      case 'live':
        return this.#handleLive(state, message);
      case 'closing':
        return;
    }
  }

  #handleHello(hello: HelloMessage): void {
    const { registry, admission, rooms, address } = this.#options;
    const refusal = hello.room === undefined ? undefined : rooms.prepare(hello, address);
    if (refusal) return this.close(refusal.code, refusal.reason);
    this.#state = { is: 'waiting', hello };
    if (!admission.enter(this, registry.takeOver(hello.resume))) this.bye(CLOSE.tryAgainLater, RETRY_AFTER_MS);
  }

  #handleLive(state: Live, message: ClientMessage): void {
    switch (message.type) {
      case 'frame':
        return this.#handleFrame(state, message);
      case 'params':
        return this.#handleParams(state, message.params);
      case 'doc':
      case 'presence':
      case 'role':
        return state.participant.handleRoomMessage(message);
      case 'ack':
        return; // the window is the connection's
      case 'hello':
        return this.close(CLOSE.protocolError, 'hello may be sent only once');
    }
  }

  #handleFrame({ memory, participant }: Live, frame: FrameMessage): void {
    const { seq, data } = frame;
    if (seq <= memory.lastSeq) return this.close(CLOSE.protocolError, `frame seq ${seq} does not rise`);
    memory.lastSeq = seq;
    this.#options.metrics.frames.inc();
    const { maxFrameBytes } = this.#options.limits;
    if (data.length <= maxFrameBytes) return participant.handleFrame(frame);
    const message = `the frame has ${data.length} bytes; at most ${maxFrameBytes} are taken`;
    this.tellFailed(seq, new FrameError('image-too-large', message));
  }

  #handleParams({ participant }: Live, patch: unknown): void {
    try {
      participant.handleParams(patch);
    } catch (error) {
      if (!(error instanceof ParamsError)) throw error;
      this.tellFailed(undefined, new FrameError('bad-params', error.message));
    }
  }

  // ── admission ─────────────────────────────────────────────────────────────────────────────────────────────────────

  frameMs(): number {
    const { cost, initialParams, rooms } = this.#options;
    const state = this.#state;
    if (state.is === 'live') return state.participant.share * cost(state.participant.canvas.params);
    const room = state.is === 'waiting' ? state.hello.room : undefined;
    return room !== undefined && rooms.isAwake(room) ? 0 : cost(initialParams);
  }

  lastFrameMs(): number {
    const state = this.#state;
    if (state.is !== 'live') return this.#options.now();
    return Math.max(state.enteredMs, state.participant.canvas.lastFrameMs);
  }

  tellPosition(position: number): void {
    this.send({ type: 'waiting', position });
  }

  makeRoom(): void {
    this.bye(CLOSE.tryAgainLater, RETURN_AFTER_MS);
  }

  /** A throw ends this session, and not whoever left a place for it. */
  admit(): void {
    this.#options.guard(
      'admission',
      () => this.#admit(),
      () => this.close(CLOSE.internal, 'internal error'),
    );
  }

  #admit(): void {
    if (this.#state.is !== 'waiting') return;
    const { hello } = this.#state;
    const { rooms, registry, createCanvas, model, features, ranges, limits, now } = this.#options;
    const member = hello.room === undefined ? undefined : rooms.enter(hello, this);
    if (member && 'reason' in member) return this.close(member.code, member.reason);
    const memory = registry.open(this, hello.resume);
    const participant = member ?? new Solo((memory.canvas ??= createCanvas()), this);
    this.#state = { is: 'live', memory, participant, enteredMs: now() };
    const { canvas, room } = participant;
    this.send({
      type: 'welcome',
      protocol: PROTOCOL_VERSION,
      session: memory.session,
      resume: memory.resume,
      lastSeq: memory.lastSeq,
      features,
      model,
      params: canvas.params,
      ranges,
      limits,
      ...(room && { room }),
    });
    if (this.#state.is === 'live') participant.enter();
  }

  // ── send ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  get isWindowFull(): boolean {
    return this.#isWindowFull;
  }

  send(message: ServerMessage): void {
    this.#options.wire.send(message);
  }

  sendBulk(message: ServerMessage, onFlushed: () => void): void {
    this.#options.wire.sendBulk(message, onFlushed);
  }

  sendImage(image: OutgoingImage): void {
    this.#options.wire.sendImage(image);
  }

  tellDropped(seq: number, reason: DropReason): void {
    this.#options.metrics.dropped.inc({ reason });
    this.send({ type: 'dropped', seq, reason });
  }

  tellFailed(seq: number | undefined, { code, message, retryable }: FrameError): void {
    this.#options.metrics.errors.inc({ code });
    this.send({ type: 'error', code, message, retryable, ...(seq !== undefined && { seq }) });
  }

  /** The connection says whether an image still waits for its reader. */
  setWindowFull(isFull: boolean): void {
    if (isFull === this.#isWindowFull) return;
    this.#isWindowFull = isFull;
    if (!isFull && this.#state.is === 'live') this.#state.participant.handleWindowOpen();
  }

  /** An image was replaced before it went out: if it was to be the end of a frame of this client, that is dropped. */
  handleReplacedImage(replaced: OutgoingImage, by: OutgoingImage): void {
    if (replaced.number === by.number || !replaced.final || replaced.reason !== 'frame') return;
    const own = this.#state.is === 'live' ? this.#state.participant.room?.member : undefined;
    if (replaced.member === own) this.tellDropped(replaced.seq, 'replaced');
  }

  // ── end ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  close(code: number, reason: string): void {
    if (this.#state.is === 'closing') return;
    this.#leave();
    this.#options.wire.close(code, reason);
  }

  /** Ends a conversation whose place is taken, or that must move: told first, then closed. */
  bye(code: number, reconnectAfterMs?: number): void {
    if (this.#state.is === 'closing') return;
    // It may be the end of a frame.
    this.#options.wire.flushImage();
    this.send({ type: 'bye', code, ...(reconnectAfterMs !== undefined && { reconnectAfterMs }) });
    this.close(code, 'bye');
  }

  /** The socket is gone. */
  handleClosed(): void {
    this.#leave();
  }

  #leave(): void {
    const state = this.#state;
    this.#state = { is: 'closing' };
    if (state.is === 'live') {
      this.#options.registry.park(this, state.memory, this.#options.address);
      // It is gone all the same, with its place and its socket.
      this.#options.guard(
        'leave',
        () => state.participant.leave(),
        () => undefined,
      );
    }
    this.#options.admission.leave(this);
  }
}
