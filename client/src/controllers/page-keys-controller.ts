import type { ReactiveController, ReactiveControllerHost } from 'lit';

interface PageKeysHost extends ReactiveControllerHost {
  readonly pageKeys: boolean;
}

/** Gives the host the keys that are pressed while nothing on the page has the focus, if it wants them. */
export class PageKeysController implements ReactiveController {
  readonly #host: PageKeysHost;
  readonly #onKeydown: (event: KeyboardEvent) => void;

  constructor(host: PageKeysHost, onKeydown: (event: KeyboardEvent) => void) {
    this.#host = host;
    this.#onKeydown = onKeydown;
    host.addController(this);
  }

  hostConnected(): void {
    document.addEventListener('keydown', this.#documentOnKeydown);
  }

  hostDisconnected(): void {
    document.removeEventListener('keydown', this.#documentOnKeydown);
  }

  #documentOnKeydown = (event: KeyboardEvent): void => {
    if (this.#host.pageKeys && event.target === document.body) this.#onKeydown(event);
  };
}
