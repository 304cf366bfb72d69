import type { StreamFailure } from '../stream/stream-events.js';
import { AttachedController, type AttachedHost } from './attached-controller.js';

const SHOWN_MS = 6_000;

/** What a notice is about. It disappears when the subject no longer applies. */
export type NoticeSubject = 'stream' | 'room' | 'sketch';

/** A full drawing remains full after the room has reconnected. */
export function subjectOf({ code }: StreamFailure): NoticeSubject {
  return code === 'drawing-full' ? 'room' : 'stream';
}

/** A short text for the person that disappears after a while, unless it stays as long as its subject. */
export class NoticeController extends AttachedController<AttachedHost> {
  readonly #onShow: (text: string) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #text = '';
  #subject: NoticeSubject | null = null;

  constructor(host: AttachedHost, onShow: (text: string) => void) {
    super(host);
    this.#onShow = onShow;
  }

  get text(): string {
    return this.#text;
  }

  show(text: string, subject: NoticeSubject, { stays = false } = {}): void {
    if (!this.isAttached) return;
    this.#replace(text, subject);
    this.#onShow(text);
    if (stays) return;
    this.#timer = setTimeout(() => this.clear(subject), SHOWN_MS);
  }

  /** Removes the notice if it is about this. */
  clear(subject: NoticeSubject): void {
    if (subject === this.#subject) this.#replace('', null);
  }

  protected override detached(): void {
    this.#replace('', null);
  }

  #replace(text: string, subject: NoticeSubject | null): void {
    clearTimeout(this.#timer);
    this.#text = text;
    this.#subject = subject;
    this.host.requestUpdate();
  }
}
