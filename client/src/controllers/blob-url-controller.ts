import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Addresses of blobs for the host's template; each lives as long as the host goes on rendering it. */
export class BlobUrlController implements ReactiveController {
  readonly #urls = new Map<Blob, string>();
  #used = new Set<Blob>();

  constructor(host: ReactiveControllerHost) {
    host.addController(this);
  }

  of(blob: Blob): string {
    this.#used.add(blob);
    const url = this.#urls.get(blob) ?? URL.createObjectURL(blob);
    this.#urls.set(blob, url);
    return url;
  }

  hostUpdate(): void {
    this.#used = new Set();
  }

  hostUpdated(): void {
    for (const [blob, url] of this.#urls) {
      if (this.#used.has(blob)) continue;
      URL.revokeObjectURL(url);
      this.#urls.delete(blob);
    }
  }

  hostDisconnected(): void {
    for (const url of this.#urls.values()) URL.revokeObjectURL(url);
    this.#urls.clear();
  }
}
