import { toChunks, type DocMessage, type PresenceMessage } from '@underpaint/shared';
import type { Conversation } from '../participant.js';
import type { Drawing } from './drawing.js';
import type { Presence } from './presence.js';

export interface OutboxOptions {
  readonly conversation: Pick<Conversation, 'sendBulk'>;
  readonly drawing: Drawing;
  readonly presence: Presence;
}

/**
 * What goes to one member: the drawing and what others let know. One message at a time is under way to a slow reader;
 * what comes meanwhile is not queued but remembered, and told in one when there is room again.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  #queue: DocMessage[] = [];
  #isBusy = false;
  #isSynced = false;
  /** How far the member will be when the queue is sent; undefined while that is all there is. */
  #behind: ReadonlyMap<number, number> | undefined;
  #news = new Set<number>();
  #payloads = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Whether the member has the whole drawing once it has `payloads` of it. */
  hasAllWith(payloads: number | undefined): boolean {
    return this.#isSynced && this.#behind === undefined && payloads === this.#payloads;
  }

  /** Whether the member was sent the drawing, and gets its changes. */
  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** Asks the member for what only it has. */
  askState(): void {
    this.#enqueue(toChunks('vector', this.#options.drawing.vector()));
  }

  /** Sends what the member asked for; from then on it gets changes. */
  sendState(state: Uint8Array): void {
    this.#isSynced = true;
    this.#behind = undefined;
    this.#payloads += 1;
    this.#enqueue(toChunks('state', state));
  }

  /** @param messages a change of the drawing, the same objects for every member */
  sendChange(messages: readonly DocMessage[], before: ReadonlyMap<number, number>): void {
    if (!this.#isSynced) return;
    if (this.#isBusy) {
      this.#behind ??= before;
      return;
    }
    this.#payloads += 1;
    this.#enqueue(messages);
  }

  /** @param message what `clients` let know, the same object for every member */
  sendPresence(message: PresenceMessage, clients: ReadonlySet<number>): void {
    if (this.#isBusy) for (const client of clients) this.#news.add(client);
    else this.#send(message);
  }

  #enqueue(messages: readonly DocMessage[]): void {
    this.#queue.push(...messages);
    if (!this.#isBusy) this.#next();
  }

  #next(): void {
    this.#isBusy = false;
    if (this.#queue.length === 0) this.#catchUp();
    const message = this.#queue.shift() ?? this.#newest();
    if (message) this.#send(message);
  }

  #send(message: DocMessage | PresenceMessage): void {
    this.#isBusy = true;
    this.#options.conversation.sendBulk(message, () => this.#next());
  }

  /** Everything drawn since the member fell behind, in one. */
  #catchUp(): void {
    if (!this.#behind) return;
    this.#queue = toChunks('update', this.#options.drawing.state(this.#behind));
    this.#behind = undefined;
    this.#payloads += 1;
  }

  #newest(): PresenceMessage | undefined {
    const message = this.#news.size > 0 ? this.#options.presence.messageOf(this.#news) : undefined;
    this.#news = new Set();
    return message;
  }
}
