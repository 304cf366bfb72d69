import {
  toChunks,
  type DocMessage,
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

/** Of these only the last one counts. */
type StateMessage = ParamsMessage | RoleMessage | NoticeMessage;

/** What a member is to be told of the drawing. */
interface Due {
  readonly kind: 'state' | 'update';
  /** How far it is by then. */
  readonly from: ReadonlyMap<number, number>;
}

/**
 * What goes to one member: the drawing and what others let know. One message at a time is under way to a slow reader;
 * what comes meanwhile is not queued but remembered, and told in one when there is room again.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  /** The rest of the payload that is under way. */
  #chunks: DocMessage[] = [];
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

  /** Whether the member asked for the drawing, and gets its changes. */
  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** Asks the member for what only it has. */
  askState(): void {
    this.#isAskDue = true;
    this.#wake();
  }

  /** Sends all that a member lacks who is as far as `from`; from then on it gets changes. */
  sendState(from: ReadonlyMap<number, number>): void {
    this.#isSynced = true;
    this.#due = { kind: 'state', from };
    this.#wake();
  }

  /** @param messages a change of the drawing, the same objects for every member */
  sendChange(messages: readonly DocMessage[], before: ReadonlyMap<number, number>): void {
    if (!this.#isSynced) return;
    if (this.#isBusy) {
      this.#due ??= { kind: 'update', from: before };
      return;
    }
    this.#payloads += 1;
    this.#chunks.push(...messages);
    this.#next();
  }

  /** @param message how something is from now on, the same object for every member */
  sendLatest(message: StateMessage): void {
    if (this.#isBusy) this.#states.set(message.type, message);
    else this.#send(message);
  }

  /** @param message what `clients` let know, the same object for every member */
  sendPresence(message: PresenceMessage, clients: ReadonlySet<number>): void {
    if (this.#isBusy) for (const client of clients) this.#news.add(client);
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

  #send(message: DocMessage | PresenceMessage | StateMessage): void {
    this.#isBusy = true;
    this.#options.channel.sendBulk(message, () => this.#next());
  }

  #ask(): DocMessage[] | undefined {
    if (!this.#isAskDue) return undefined;
    this.#isAskDue = false;
    return toChunks('vector', this.#options.drawing.vector());
  }

  #tell(): DocMessage[] | undefined {
    if (!this.#due) return undefined;
    const { kind, from } = this.#due;
    this.#due = undefined;
    this.#payloads += 1;
    return toChunks(kind, this.#options.drawing.state(from));
  }

  #newest(): PresenceMessage | undefined {
    const message = this.#news.size > 0 ? this.#options.presence.messageOf(this.#news) : undefined;
    this.#news = new Set();
    return message;
  }
}
