import { AttachedController, type AttachedHost } from './attached-controller.js';

/** URLs of blobs for the host's template. A URL is revoked when the host stops rendering it or leaves the document. */
export class BlobUrlController extends AttachedController<AttachedHost> {
  readonly #urls = new Map<Blob, string>();
  #used = new Set<Blob>();

  /** @returns an empty URL while the host is not in the document */
  of(blob: Blob): string {
    if (!this.isAttached) return '';
    this.#used.add(blob);
    const url = this.#urls.get(blob) ?? URL.createObjectURL(blob);
    this.#urls.set(blob, url);
    return url;
  }

  protected override beforeUpdate(): void {
    this.#used = new Set();
  }

  protected override afterUpdate(): void {
    for (const [blob, url] of this.#urls) {
      if (this.#used.has(blob)) continue;
      URL.revokeObjectURL(url);
      this.#urls.delete(blob);
    }
  }

  protected override detached(): void {
    for (const url of this.#urls.values()) URL.revokeObjectURL(url);
    this.#urls.clear();
  }
}
