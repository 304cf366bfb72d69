import { AttachedController, type AttachedHost } from './attached-controller.js';

interface DismissOptions {
  readonly isOpen: () => boolean;
  readonly close: () => void;
}

/** Closes a menu of the host on Escape, wherever the focus is, and on a press outside of the host. */
export class DismissController extends AttachedController<AttachedHost & HTMLElement> {
  readonly #options: DismissOptions;

  constructor(host: AttachedHost & HTMLElement, options: DismissOptions) {
    super(host);
    this.#options = options;
  }

  protected override attached(): void {
    document.addEventListener('keydown', this.#documentOnKeydown, { capture: true });
    document.addEventListener('pointerdown', this.#documentOnPointerdown, { capture: true });
  }

  protected override detached(): void {
    document.removeEventListener('keydown', this.#documentOnKeydown, { capture: true });
    document.removeEventListener('pointerdown', this.#documentOnPointerdown, { capture: true });
  }

  #documentOnKeydown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && this.#options.isOpen()) this.#options.close();
  };

  #documentOnPointerdown = (event: PointerEvent): void => {
    if (this.#options.isOpen() && !event.composedPath().includes(this.host)) this.#options.close();
  };
}
