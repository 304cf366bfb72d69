import {
  splitDrawing,
  type DrawingMessage,
  type NoticeMessage,
  type ParamsMessage,
  type PresenceMessage,
  type RoleMessage,
} from '@underpaint/shared';
import type { Channel } from '../session/channel.js';
import type { Drawing } from './drawing/drawing.js';
import type { Presence } from './presence.js';

export interface OutboxOptions {
  readonly channel: Pick<Channel, 'sendBulk'>;
  readonly drawing: Drawing;
  readonly presence: Presence;
}

/** Only the latest of these counts. */
type StateMessage = ParamsMessage | RoleMessage | NoticeMessage;

/** A payload of the drawing that a member should get. */
interface Due {
  readonly kind: 'state' | 'update';
  /** How far the member is. */
  readonly from: ReadonlyMap<number, number>;
}

/**
 * Sends one member the drawing and the news of others, one message at a time. While a slow reader takes its time, news
 * is not queued: the outbox remembers what is due, and sends the latest in one message when the socket has capacity
 * again.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  /** The rest of the payload that is being sent. */
  #chunks: DrawingMessage[] = [];
  /** By type. */
  readonly #states = new Map<string, StateMessage>();
  #isBusy = false;
  #isSynced = false;
  #isAskDue = false;
  #due: Due | undefined;
  #news = new Set<number>();
  #payloads = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Whether the member has the whole drawing once it has `payloads` of it. */
  hasAllWith(payloads: number | undefined): boolean {
    return this.#isSynced && this.#due === undefined && payloads === this.#payloads;
  }

  /** Whether the member asked for the drawing, so that it gets changes. */
  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** Asks the member for changes that only it has. */
  askState(): void {
    this.#isAskDue = true;
    this.#wake();
  }

  /** Sends everything that the member lacks if it is as far as `from`. From then on it gets changes. */
  sendState(from: ReadonlyMap<number, number>): void {
    this.#isSynced = true;
    this.#due = { kind: 'state', from };
    this.#wake();
  }

  /** @param messages a change of the drawing, the same objects for every member */
  sendChange(messages: readonly DrawingMessage[], before: ReadonlyMap<number, number>): void {
    if (!this.#isSynced) return;
    if (this.#isBusy) {
      this.#due ??= { kind: 'update', from: before };
      return;
    }
    this.#payloads += 1;
    this.#chunks.push(...messages);
    this.#next();
  }

  /** @param message the latest state of something, the same object for every member */
  sendLatest(message: StateMessage): void {
    if (this.#isBusy) this.#states.set(message.type, message);
    else this.#send(message);
  }

  /** @param message the presence of `authors`, the same object for every member */
  sendPresence(message: PresenceMessage, authors: ReadonlySet<number>): void {
    if (this.#isBusy) for (const author of authors) this.#news.add(author);
    else this.#send(message);
  }

  #wake(): void {
    if (!this.#isBusy) this.#next();
  }

  #next(): void {
    this.#isBusy = false;
    const [state] = this.#states.values();
    if (state) {
      this.#states.delete(state.type);
      return this.#send(state);
    }
    if (this.#chunks.length === 0) this.#chunks = this.#ask() ?? this.#tell() ?? [];
    const message = this.#chunks.shift() ?? this.#newest();
    if (message) this.#send(message);
  }

  #send(message: DrawingMessage | PresenceMessage | StateMessage): void {
    this.#isBusy = true;
    this.#options.channel.sendBulk(message, () => this.#next());
  }

  #ask(): DrawingMessage[] | undefined {
    if (!this.#isAskDue) return undefined;
    this.#isAskDue = false;
    return splitDrawing('vector', this.#options.drawing.vector());
  }

  #tell(): DrawingMessage[] | undefined {
    if (!this.#due) return undefined;
    const { kind, from } = this.#due;
    this.#due = undefined;
    this.#payloads += 1;
    return splitDrawing(kind, this.#options.drawing.state(from));
  }

  #newest(): PresenceMessage | undefined {
    const message = this.#news.size > 0 ? this.#options.presence.messageOf(this.#news) : undefined;
    this.#news = new Set();
    return message;
  }
}
