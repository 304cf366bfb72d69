import { AttachedController, type AttachedHost } from './attached-controller.js';

export interface NearHost extends AttachedHost, Element {
  /** `lazy` waits until the host is near the part of the page that is on the screen. */
  readonly loading: 'eager' | 'lazy';
}

/** About one screen of a phone: a person who scrolls meets a connected studio. */
const MARGIN = '600px';

/** Knows whether the host has been near the screen. Once near, it stays so. */
export class NearController extends AttachedController<NearHost> {
  #observer: IntersectionObserver | null = null;
  #hasBeenNear = false;

  get isNear(): boolean {
    return this.#hasBeenNear || this.host.loading !== 'lazy';
  }

  protected override beforeUpdate(): void {
    if (this.isNear || this.#observer !== null) return;
    this.#observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) this.#become();
      },
      { rootMargin: MARGIN },
    );
    this.#observer.observe(this.host);
  }

  protected override detached(): void {
    this.#observer?.disconnect();
    this.#observer = null;
  }

  #become(): void {
    this.#hasBeenNear = true;
    this.detached();
    this.host.requestUpdate();
  }
}
