import { AttachedController, type AttachedHost } from './attached-controller.js';

interface PageKeysHost extends AttachedHost {
  readonly pageKeys: boolean;
}

/** Gives the host the keys that are pressed while nothing on the page has the focus, if its `pageKeys` is set. */
export class PageKeysController extends AttachedController<PageKeysHost> {
  readonly #onKeydown: (event: KeyboardEvent) => void;

  constructor(host: PageKeysHost, onKeydown: (event: KeyboardEvent) => void) {
    super(host);
    this.#onKeydown = onKeydown;
  }

  protected override attached(): void {
    document.addEventListener('keydown', this.#documentOnKeydown);
  }

  protected override detached(): void {
    document.removeEventListener('keydown', this.#documentOnKeydown);
  }

  #documentOnKeydown = (event: KeyboardEvent): void => {
    if (this.host.pageKeys && event.target === document.body) this.#onKeydown(event);
  };
}
