/**
 * One slot, newest wins: it joins the loop that receives and the loop that generates. An item that is not taken in time
 * is replaced, so a slow device makes fewer pictures, never older ones.
 */
export class Mailbox<T> {
  #item: T | undefined;

  /** Puts an item in the slot and returns the one it replaced, if any. */
  put(item: T): T | undefined {
    const replaced = this.#item;
    this.#item = item;
    return replaced;
  }

  /** Empties the slot. */
  take(): T | undefined {
    const item = this.#item;
    this.#item = undefined;
    return item;
  }

  peek(): T | undefined {
    return this.#item;
  }
}
