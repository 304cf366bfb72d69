import {
  decodeServerMessage,
  DEFAULT_PARAMS,
  DEFAULT_RANGES,
  encodeMessage,
  ProtocolError,
  CLOSE,
  type ClientMessage,
  type ErrorMessage,
  type ImageMessage,
  type Params,
  type ParamsMessage,
  type ParamsPatch,
  type Ranges,
  type ServerMessage,
  type WelcomeMessage,
} from '@underpaint/shared';
import { failureOf } from './ended.js';
import { FrameSender } from './frame-sender.js';
import { Handshake } from './handshake.js';
import { followVisibility } from './page-visibility.js';
import { ParamsSync, refusesPatch } from './params-sync.js';
import type { PictureSource } from './picture-source.js';
import { ReconnectingSocket } from './reconnecting-socket.js';
import { SoloLink } from './solo-link.js';
import { StatisticsRecorder, type Statistics } from './statistics.js';
import { StreamImageEvent, type StreamClientEvents, type StreamFailure } from './stream-events.js';
import type { FrameLabel, LinkPort, StreamLink } from './stream-link.js';
import type { StreamClientOptions, StreamState } from './stream-options.js';
import { TypedEventTarget } from './typed-event-target.js';

/**
 * One live conversation with an underpaint server: pictures in, pictures out. It needs no element and no document.
 *
 *     const client = new StreamClient({ url: 'https://example.org/', params: { prompt: 'misty mountains' } });
 *     client.addEventListener('image', async (event) => (img.src = URL.createObjectURL(event.blob)));
 *     client.connect(pictureSource(canvas)); // and client.changed() after each change of the canvas
 */
export class StreamClient extends TypedEventTarget<StreamClientEvents> {
  readonly #link: StreamLink;
  readonly #port: LinkPort = { send: (message) => this.#send(message), changed: () => this.changed() };
  readonly #socket: ReconnectingSocket;
  readonly #handshake: Handshake;
  readonly #frames: FrameSender;
  readonly #params: ParamsSync;
  readonly #statistics = new StatisticsRecorder((statistics) => this.#emit('statistics', statistics));
  #source: PictureSource | null = null;
  #unsubscribe: (() => void) | undefined;
  #unfollowVisibility: (() => void) | undefined;
  #state: StreamState = { status: 'idle' };
  #welcome: WelcomeMessage | null = null;
  #effective: Params = DEFAULT_PARAMS;
  #frozen = false;
  #hidden = false;
  /** Describes the picture captured last. */
  #label: FrameLabel = {};

  constructor({ url, params, tokenProvider, program, link = new SoloLink() }: StreamClientOptions) {
    super();
    this.#link = link;
    const sendToken = (token: string) => this.#send({ type: 'token', token });
    this.#handshake = new Handshake({ link, tokenProvider, program, sendToken });
    this.#socket = new ReconnectingSocket(url);
    this.#socket.addEventListener('statechange', () => this.#socketOnStateChange());
    this.#socket.addEventListener('message', (event) => this.#socketOnMessage(event.data));
    this.#params = new ParamsSync((patch) => this.#send({ type: 'params', params: patch }), link.sharesParams);
    this.#frames = new FrameSender({
      capture: () => this.#capture(),
      onBehind: () => this.dispatchEvent(new Event('behindchange')),
      send: (frame) => {
        this.#statistics.sent(frame.seq, frame.at);
        return this.#send({ type: 'frame', ...frame, ...this.#label });
      },
    });
    if (params) this.#params.change(params);
  }

  get state(): StreamState {
    return this.#state;
  }

  /** The last welcome: model, ranges, limits, features. Null before the first one; kept while reconnecting. */
  get welcome(): WelcomeMessage | null {
    return this.#welcome;
  }

  get ranges(): Ranges {
    return this.#welcome?.ranges ?? DEFAULT_RANGES;
  }

  /** All parameters: the ones in effect on the server, plus changes made since. */
  get params(): Params {
    return { ...this.#effective, ...this.#params.wanted };
  }

  /** Whether the source has changed since the picture that was answered last. */
  get isBehind(): boolean {
    return this.#frames.isBehind;
  }

  get statistics(): Statistics {
    return this.#statistics.read();
  }

  /** While frozen, no frame and no parameter is sent. Changes made meanwhile are sent afterwards. */
  get frozen(): boolean {
    return this.#frozen;
  }

  set frozen(frozen: boolean) {
    this.#frozen = frozen;
    this.#params.held = frozen;
    this.#hold();
    this.dispatchEvent(new Event('statechange'));
  }

  get source(): PictureSource | null {
    return this.#source;
  }

  /** Where frames come from. A new source is sent at once. */
  set source(source: PictureSource | null) {
    this.#unsubscribe?.();
    this.#source = source;
    this.#unsubscribe = source?.subscribe?.(() => this.changed());
    if (source !== null) this.changed();
  }

  /** Connects, and stays connected until `close`. An address that is not valid causes a `streamerror`. */
  connect(source?: PictureSource): void {
    if (source) this.source = source;
    this.#unfollowVisibility ??= followVisibility((isHidden) => {
      this.#hidden = isHidden;
      this.#hold();
    });
    this.#socket.open();
  }

  close(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#unfollowVisibility?.();
    this.#unfollowVisibility = undefined;
    this.#statistics.stop();
    this.#socket.close();
  }

  /** Connects now instead of after the pause, also after the server has ended the conversation. */
  retryNow(): void {
    if (this.#state.status === 'ended') this.#socket.open();
    else this.#socket.retryNow();
  }

  /** The source's picture changed: a frame goes out as soon as it may. */
  changed(): void {
    this.#frames.changed();
  }

  /** Asks for other parameters. The ones in effect arrive as a `params` event. */
  setParams(patch: ParamsPatch): void {
    this.#params.change(patch);
  }

  /** Sends changed parameters now instead of at the next pause. */
  flushParams(): void {
    this.#params.flush();
  }

  #hold(): void {
    this.#frames.held = this.#frozen || this.#hidden;
  }

  async #capture(): Promise<Uint8Array | null> {
    const model = this.#welcome?.model;
    const label = this.#link.label();
    if (model === undefined || this.#source === null || label === null) return null;
    this.#label = label;
    return this.#source.capture(model);
  }

  #send(message: ClientMessage): boolean {
    return this.#socket.send(encodeMessage(message));
  }

  #socketOnStateChange(): void {
    const state = this.#socket.state;
    if (state.status === 'open') return void this.#greet();
    this.#frames.stop();
    this.#params.stop();
    this.#link.closed();
    this.#handshake.stop();
    const isOver = this.#state.status === 'live' && state.status === 'ended' && state.code === CLOSE.notAuthorised;
    this.#become(state);
    // The time of its token was over: a fresh one may do.
    if (isOver) return this.#socket.open();
    const failure = state.status === 'ended' && failureOf(state);
    if (failure) this.#emit('streamerror', failure);
  }

  async #greet(): Promise<void> {
    const greeting = await this.#handshake.greet(this.#welcome?.resume);
    if (greeting === 'no-token') this.#socket.restart();
    else if (greeting !== 'superseded') this.#send(greeting);
  }

  #socketOnMessage(data: ArrayBuffer): void {
    let message: ServerMessage | null;
    try {
      message = decodeServerMessage(new Uint8Array(data));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#socket.abort(CLOSE.protocolError, error.message);
      return;
    }
    if (message !== null) this.#handleMessage(message);
  }

  #handleMessage(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        return this.#handleWelcome(message);
      case 'params':
        return this.#handleParams(message);
      case 'image':
        return void this.#handleImage(message);
      case 'dropped':
        this.#statistics.dropped(message.seq);
        this.#frames.ended(message.seq, message.reason === 'stopping');
        return this.#emit('dropped', message);
      case 'error':
        return this.#handleError(message);
      case 'waiting':
        return this.#become({ status: 'waiting', position: message.position });
      case 'bye':
        return this.#socket.waitAtLeast(message.reconnectAfterMs ?? 0);
      case 'renewed':
        return this.#handshake.renewBefore(message.endsInMs);
      default:
        return this.#link.receive(message);
    }
  }

  #handleWelcome(welcome: WelcomeMessage): void {
    this.#socket.settled();
    this.#handshake.renewBefore(welcome.endsInMs);
    this.#welcome = welcome;
    this.#effective = welcome.params;
    this.#params.start(welcome.params);
    this.#become({ status: 'live', welcome });
    this.#emit('params', this.params);
    this.#statistics.forgetFrames();
    this.#link.opened(welcome, this.#port);
    this.#frames.start(welcome.lastSeq, welcome.limits);
  }

  #handleParams({ params, member }: ParamsMessage): void {
    const isOtherPrompt = params.prompt !== this.#effective.prompt;
    this.#effective = params;
    if (this.#link.isOwn(member)) this.#params.answered(params);
    else if (isOtherPrompt) this.#link.promptChangedBy(member!);
    this.#emit('params', this.params);
  }

  async #handleImage(image: ImageMessage): Promise<void> {
    if (image.final && this.#link.isOwn(image.member)) this.#frames.answered(image.seq);
    const welcome = this.#welcome;
    const event = new StreamImageEvent(image);
    this.dispatchEvent(event);
    await event.shown();
    // A number from an earlier connection means nothing to this one.
    if (welcome === this.#welcome) this.#send({ type: 'ack', id: image.id });
    this.#statistics.shown(image);
  }

  #handleError(message: ErrorMessage): void {
    if (refusesPatch(message)) {
      this.#params.refused();
      this.#emit('params', this.params);
    }
    if (message.code === 'drawing-full') this.#link.rejected();
    if (message.seq !== undefined) this.#frames.ended(message.seq, message.retryable);
    this.#emit('streamerror', message satisfies StreamFailure);
  }

  #become(state: StreamState): void {
    this.#state = state;
    this.dispatchEvent(new Event('statechange'));
  }

  #emit<Name extends DetailName>(name: Name, detail: DetailOf<Name>): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

type DetailOf<Name extends keyof StreamClientEvents> =
  StreamClientEvents[Name] extends CustomEvent<infer Detail> ? Detail : never;
type DetailName = {
  [Name in keyof StreamClientEvents]: [DetailOf<Name>] extends [never] ? never : Name;
}[keyof StreamClientEvents];
