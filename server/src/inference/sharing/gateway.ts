import type { Rendering } from '../contract.js';
import type { Link } from '../link/link.js';
import type { FromSharedWorker, ToSharedWorker } from '../messages.js';
import type { Grantee } from './grants.js';

export type SharedWorkerLink = Link<FromSharedWorker, ToSharedWorker>;

/** Canvases of a gateway whose last frame is longer ago than that of so many others count as new ones. */
const MAX_OWNERS = 4_096;

/** A gateway as its workers see it: its link, its frames and its canvases. */
export class Gateway implements Grantee {
  readonly frames = new Map<number, Rendering>();
  readonly #link: SharedWorkerLink;
  readonly #owners = new Map<number, object>();

  constructor(link: SharedWorkerLink) {
    this.#link = link;
  }

  send(message: FromSharedWorker): void {
    this.#link.send(message);
  }

  grant(count: number): void {
    this.send({ type: 'capacity', count });
  }

  recall(count: number): void {
    this.send({ type: 'recall', count });
  }

  /** The owner of a frame: the same object for the same number. */
  owner(number: number): object {
    const owner = this.#owners.get(number) ?? {};
    this.#owners.delete(number);
    this.#owners.set(number, owner);
    const [oldest] = this.#owners.keys();
    if (this.#owners.size > MAX_OWNERS) this.#owners.delete(oldest!);
    return owner;
  }

  /** Ends the link, after what was sent. */
  close(): void {
    this.#link.close();
  }

  cancelAll(): void {
    for (const { cancel } of this.frames.values()) cancel();
  }
}
