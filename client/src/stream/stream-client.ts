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
import { FrameSender } from './frame-sender.js';
import { ParamsSync } from './params-sync.js';
import type { FrameSource } from './picture-source.js';
import type { FrameLabel, RoomLink, ToRoom } from './room-link.js';
import { ReconnectingSocket } from './reconnecting-socket.js';
import { StatisticsRecorder, type Statistics } from './statistics.js';
import { StreamImageEvent, type StreamClientEvents } from './stream-events.js';
import { TypedEventTarget } from './typed-event-target.js';

export type StreamState =
  | { readonly status: 'idle' }
  | { readonly status: 'connecting' }
  /** In line for a place on a full server. */
  | { readonly status: 'waiting'; readonly position: number }
  | { readonly status: 'live'; readonly welcome: WelcomeMessage }
  | { readonly status: 'reconnecting'; readonly attempt: number; readonly retryAt: number }
  | { readonly status: 'offline' }
  | { readonly status: 'ended'; readonly code: number; readonly reason: string };

/** Gives the token to be let in with, or nothing where none is needed. */
export type TokenProvider = () => string | undefined | Promise<string | undefined>;

export interface StreamClientOptions {
  /** Address of the service, as `https://example.org/` or `wss://example.org/ws`; relative ones are taken from the page's. */
  readonly url: string | URL;
  readonly params?: ParamsPatch;
  /** Asked before every hello; its answer goes to the server as `token`. When it fails, it is asked again after a pause. */
  readonly tokenProvider?: TokenProvider;
  /** Names the program in the server's log. */
  readonly client?: string;
  /** Makes it a conversation in a room. */
  readonly room?: RoomLink;
}

/**
 * One live conversation with an underpaint server: pictures in, pictures out, without any element.
 *
 *     const client = new StreamClient({ url: 'https://example.org/', params: { prompt: 'misty mountains' } });
 *     client.addEventListener('image', async (event) => (img.src = URL.createObjectURL(event.blob)));
 *     client.connect(pictureSource(canvas)); // and client.changed() after each change of the canvas
 */
export class StreamClient extends TypedEventTarget<StreamClientEvents> {
  readonly #options: StreamClientOptions;
  readonly #socket: ReconnectingSocket;
  readonly #frames: FrameSender;
  readonly #params: ParamsSync;
  readonly #statistics = new StatisticsRecorder((detail) =>
    this.dispatchEvent(new CustomEvent('statistics', { detail })),
  );
  #source: FrameSource | null = null;
  #unsubscribe: (() => void) | undefined;
  #state: StreamState = { status: 'idle' };
  #welcome: WelcomeMessage | null = null;
  #effective: Params = DEFAULT_PARAMS;
  #frozen = false;
  #attempt = 0;
  /** Of the picture taken last. */
  #label: FrameLabel = {};

  constructor(options: StreamClientOptions) {
    super();
    this.#options = options;
    this.#socket = new ReconnectingSocket(options.url);
    this.#socket.addEventListener('statechange', () => this.#socketOnStateChange());
    this.#socket.addEventListener('message', (event) => this.#socketOnMessage(event.data));
    this.#params = new ParamsSync((params) => this.#send({ type: 'params', params }), options.room !== undefined);
    this.#frames = new FrameSender({
      capture: () => this.#capture(),
      send: (frame) => {
        this.#statistics.sent(frame.seq, frame.at);
        return this.#send({ type: 'frame', ...frame, ...this.#label });
      },
    });
    if (options.params) this.#params.change(options.params);
  }

  get state(): StreamState {
    return this.#state;
  }

  /** The server's last welcome: model, ranges, limits, features. Null until the first one, kept while reconnecting. */
  get welcome(): WelcomeMessage | null {
    return this.#welcome;
  }

  get ranges(): Ranges {
    return this.#welcome?.ranges ?? DEFAULT_RANGES;
  }

  /** All parameters as wanted: the server's last word with the changes since. */
  get params(): Params {
    return { ...this.#effective, ...this.#params.wanted };
  }

  get statistics(): Statistics {
    return this.#statistics.read();
  }

  /** While frozen no frame is sent; parameters still are. */
  get frozen(): boolean {
    return this.#frozen;
  }

  set frozen(frozen: boolean) {
    this.#frozen = frozen;
    this.#hold();
    this.dispatchEvent(new Event('statechange'));
  }

  get source(): FrameSource | null {
    return this.#source;
  }

  /** Where frames come from; a new source is sent at once. */
  set source(source: FrameSource | null) {
    this.#unsubscribe?.();
    this.#source = source;
    this.#unsubscribe = source?.subscribe?.(() => this.changed());
    if (source !== null) this.changed();
  }

  /** Connects, and stays connected until `close`. */
  connect(source?: FrameSource): void {
    if (source) this.source = source;
    document.addEventListener('visibilitychange', this.#hold);
    this.#hold();
    this.#socket.open();
  }

  close(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#statistics.stop();
    document.removeEventListener('visibilitychange', this.#hold);
    this.#socket.close();
  }

  /** Connects now instead of after the pause, also when the server had ended it. */
  retryNow(): void {
    if (this.#state.status === 'ended') this.#socket.open();
    else this.#socket.retryNow();
  }

  /** The source's picture changed: a frame goes out as soon as it may. */
  changed(): void {
    this.#frames.changed();
  }

  /** Asks for other parameters; the effective ones come as a `params` event. */
  setParams(patch: ParamsPatch): void {
    this.#params.change(patch);
  }

  /** Sends changed parameters now instead of at the next pause. */
  flushParams(): void {
    this.#params.flush();
  }

  /** Says something to the room. */
  send(message: ToRoom): boolean {
    return this.#send(message);
  }

  #hold = (): void => {
    this.#frames.held = this.#frozen || document.visibilityState === 'hidden';
  };

  async #capture(): Promise<Uint8Array | null> {
    const model = this.#welcome?.model;
    const { room } = this.#options;
    const label = room === undefined ? {} : room.label();
    if (model === undefined || this.#source === null || label === null) return null;
    this.#label = label;
    return this.#source.capture(model);
  }

  #send(message: ClientMessage): boolean {
    return this.#socket.send(encodeMessage(message));
  }

  #socketOnStateChange(): void {
    const state = this.#socket.state;
    if (state.status === 'open') {
      void this.#hello();
      return;
    }
    this.#frames.stop();
    this.#params.stop();
    this.#options.room?.closed();
    this.#become(state);
  }

  async #hello(): Promise<void> {
    const attempt = ++this.#attempt;
    const token = await this.#askForToken();
    // The answer came too late for the connection it was asked for: the next one asks for itself.
    if (attempt !== this.#attempt) return;
    if (token === null) return this.#socket.restart();
    const { client, room } = this.#options;
    const resume = this.#welcome?.resume;
    this.#send({
      type: 'hello',
      ...(token === undefined ? {} : { token }),
      ...(resume === undefined ? {} : { resume }),
      ...(client === undefined ? {} : { client }),
      ...room?.hello,
    });
  }

  /** @returns undefined when none is needed, null when there is none to be had now */
  async #askForToken(): Promise<string | undefined | null> {
    try {
      return await this.#options.tokenProvider?.();
    } catch {
      return null;
    }
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
        return void this.dispatchEvent(new CustomEvent('dropped', { detail: message }));
      case 'error':
        return this.#handleError(message);
      case 'waiting':
        return this.#become({ status: 'waiting', position: message.position });
      case 'bye':
        return this.#socket.waitAtLeast(message.reconnectAfterMs ?? 0);
      case 'doc':
      case 'presence':
      case 'role':
      case 'member':
      case 'notice':
      case 'upload':
        return this.#options.room?.receive(message);
    }
  }

  #handleWelcome(welcome: WelcomeMessage): void {
    this.#socket.settled();
    this.#welcome = welcome;
    this.#effective = welcome.params;
    this.#params.start(welcome.params);
    this.#become({ status: 'live', welcome });
    this.dispatchEvent(new CustomEvent('params', { detail: this.params }));
    this.#statistics.forgetFrames();
    this.#options.room?.opened(welcome, this);
    // A server that knows the canvas has something to act on when only the words change; a room knows its own.
    if (this.#source !== null && this.#options.room === undefined) this.#frames.changed();
    this.#frames.start(welcome.lastSeq, welcome.limits.maxFramesPerSecond);
  }

  #handleParams({ params, member }: ParamsMessage): void {
    const isOtherPrompt = params.prompt !== this.#effective.prompt;
    this.#effective = params;
    if (this.#isMine(member)) this.#params.answered(params);
    else if (isOtherPrompt) this.#options.room?.wordsChangedBy(member!);
    this.dispatchEvent(new CustomEvent('params', { detail: this.params }));
  }

  async #handleImage(image: ImageMessage): Promise<void> {
    if (image.final && this.#isMine(image.member)) this.#frames.ended(image.seq, false);
    const welcome = this.#welcome;
    const event = new StreamImageEvent(image);
    this.dispatchEvent(event);
    await event.shown();
    // The numbers of an earlier connection mean nothing to this one.
    if (welcome === this.#welcome) this.#send({ type: 'ack', id: image.id });
    this.#statistics.shown(image);
  }

  #handleError(message: ErrorMessage): void {
    if ((message.code === 'bad-params' || message.code === 'forbidden') && message.seq === undefined) {
      this.#params.refused();
      this.dispatchEvent(new CustomEvent('params', { detail: this.params }));
    }
    if (message.code === 'doc-full') this.#options.room?.refused();
    if (message.seq !== undefined) this.#frames.ended(message.seq, message.retryable);
    this.dispatchEvent(new CustomEvent('streamerror', { detail: message }));
  }

  /** Outside of rooms nothing is anybody else's. */
  #isMine(member: number | undefined): boolean {
    return member === undefined || member === this.#welcome?.room?.member;
  }

  #become(state: StreamState): void {
    this.#state = state;
    this.dispatchEvent(new Event('statechange'));
  }
}
