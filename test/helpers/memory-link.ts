import { Inbox } from '../../server/src/inference/link/inbox.js';
import { NOT_READING, type Link, type LinkEnd } from '../../server/src/inference/link/link.js';

/** One end of a link between two parts of a test. Messages arrive later, as over a real link. */
export class MemoryLink<Out, In> implements Link<Out, In> {
  readonly pid = undefined;
  readonly #inbox = new Inbox<In>();
  readonly #queue: Out[] = [];
  readonly #maxQueued: number;
  #other!: MemoryLink<In, Out>;
  #isStalled = false;
  #isClosing = false;
  #timer: NodeJS.Immediate | undefined;

  private constructor(maxQueued: number) {
    this.#maxQueued = maxQueued;
  }

  static pair<A, B>(maxQueued = Infinity): [gateway: MemoryLink<A, B>, worker: MemoryLink<B, A>] {
    const [gateway, worker] = [new MemoryLink<A, B>(maxQueued), new MemoryLink<B, A>(maxQueued)];
    gateway.#other = worker;
    worker.#other = gateway;
    return [gateway, worker];
  }

  get queued(): number {
    return this.#queue.length;
  }

  send(message: Out): void {
    if (this.#inbox.isClosed) return;
    this.#queue.push(structuredClone(message));
    if (this.#queue.length > this.#maxQueued) return this.end(NOT_READING);
    this.#schedule();
  }

  onMessage(listener: (message: In) => void): void {
    this.#inbox.onMessage(listener);
  }

  onEnd(listener: (end: LinkEnd) => void): void {
    this.#inbox.onEnd(listener);
  }

  /** Sends the queue, then ends the link. */
  close(): void {
    this.#isClosing = true;
    this.#inbox.close();
    this.#schedule();
  }

  /** Stops reading, as a process that is stopped. */
  stall(): void {
    this.#isStalled = true;
  }

  /** Ends both ends at once, as a crash. */
  end(how: string): void {
    clearImmediate(this.#timer);
    for (const link of [this, this.#other]) {
      link.#queue.length = 0;
      link.#inbox.end({ how, output: '' });
    }
  }

  #schedule(): void {
    this.#timer ??= setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#timer = undefined;
    while (this.#queue.length > 0 && !this.#other.#isStalled) this.#other.#inbox.put(this.#queue.shift() as Out);
    if (this.#isClosing) this.end('closed');
  }
}
