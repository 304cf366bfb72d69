import type { FromWorker, ToWorker } from '../../messages.js';
import { Inbox } from '../inbox.js';
import { MAX_QUEUED, NOT_READING, type LinkEnd, type WorkerLink } from '../link.js';

/** The worker's end of the link to the process that forked it. A process has only one. */
export class ParentLink implements WorkerLink {
  readonly #inbox = new Inbox<ToWorker>();
  #queued = 0;
  #isClosing = false;

  constructor() {
    process.on('message', (message) => this.#inbox.put(message as ToWorker));
    process.on('disconnect', () => this.#end('the gateway disconnected'));
    // The parent may have gone while this process was starting.
    if (!process.connected) this.#end('the gateway disconnected');
  }

  get queued(): number {
    return this.#queued;
  }

  send(message: FromWorker): void {
    if (!process.connected || this.#isClosing) return;
    this.#queued += 1;
    process.send!(message, () => this.#processOnSent());
    if (this.#queued > MAX_QUEUED) this.#overflow();
  }

  onMessage(listener: (message: ToWorker) => void): void {
    this.#inbox.onMessage(listener);
  }

  onEnd(listener: (end: LinkEnd) => void): void {
    this.#inbox.onEnd(listener);
  }

  /** Disconnecting discards messages that are not written yet, so the queue goes first. */
  close(): void {
    this.#isClosing = true;
    this.#inbox.close();
    if (this.#queued === 0) disconnect();
  }

  #processOnSent(): void {
    this.#queued -= 1;
    if (this.#isClosing && this.#queued === 0) disconnect();
  }

  #overflow(): void {
    this.#end(NOT_READING);
    disconnect();
  }

  #end(how: string): void {
    this.#inbox.end({ how, output: '' });
  }
}

/** Not at once: Node 20 does not allow it while it passes early messages to their first listener. */
function disconnect(): void {
  setImmediate(() => {
    if (process.connected) process.disconnect();
  });
}
