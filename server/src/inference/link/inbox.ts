import type { LinkEnd } from './link.js';

/** The receiving half of a link's end: keeps messages until someone listens, and reports the end once. */
export class Inbox<In> {
  readonly #waiting: In[] = [];
  #listener: ((message: In) => void) | undefined;
  #endListener: ((end: LinkEnd) => void) | undefined;
  #isClosed = false;
  #end: LinkEnd | undefined;

  get isClosed(): boolean {
    return this.#isClosed;
  }

  onMessage(listener: (message: In) => void): void {
    this.#listener = listener;
    for (const message of this.#waiting.splice(0)) this.put(message);
  }

  onEnd(listener: (end: LinkEnd) => void): void {
    this.#endListener = listener;
    const end = this.#end;
    if (end) queueMicrotask(() => listener(end));
  }

  put(message: In): void {
    if (this.#isClosed) return;
    if (this.#listener) this.#listener(message);
    else this.#waiting.push(message);
  }

  /** Drops all further messages; the end is still reported. */
  close(): void {
    this.#isClosed = true;
    this.#waiting.length = 0;
  }

  end(end: LinkEnd): void {
    if (this.#end) return;
    this.#end = end;
    this.close();
    this.#endListener?.(end);
  }
}
