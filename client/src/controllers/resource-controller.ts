import { AttachedController, type AttachedHost } from './attached-controller.js';

/**
 * Holds one resource while its host is in the document. `wanted` names the resource by a key; another key releases the
 * current resource and acquires the next one.
 */
export abstract class ResourceController<
  Host extends AttachedHost,
  Key extends readonly unknown[],
> extends AttachedController<Host> {
  #key: Key | null = null;
  #release: (() => void) | null = null;

  /** Called before every update. @returns null for no resource */
  protected abstract wanted(): Key | null;

  /** @returns releases the resource */
  protected abstract acquire(...key: Key): () => void;

  protected override beforeUpdate(): void {
    this.#settle(this.wanted());
  }

  protected override detached(): void {
    this.#settle(null);
  }

  #settle(key: Key | null): void {
    if (isSame(key, this.#key)) return;
    this.#release?.();
    this.#key = key;
    this.#release = key && this.acquire(...key);
  }
}

function isSame(a: readonly unknown[] | null, b: readonly unknown[] | null): boolean {
  if (a === null || b === null) return a === b;
  return a.every((part, index) => part === b[index]);
}
