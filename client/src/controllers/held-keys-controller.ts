import { AttachedController, type AttachedHost } from './attached-controller.js';

interface HeldKeysOptions {
  /** Whether keys are for the sheet: the pointer is over it, or it has the focus. */
  readonly isForSheet: () => boolean;
  readonly onShift: (isHeld: boolean) => void;
}

/** Keys that do something while they are held: Space moves the view, Shift constrains. */
export class HeldKeysController extends AttachedController<AttachedHost & HTMLElement> {
  readonly #options: HeldKeysOptions;
  #isSpaceHeld = false;
  #wasUsed = false;

  constructor(host: AttachedHost & HTMLElement, options: HeldKeysOptions) {
    super(host);
    this.#options = options;
  }

  get isSpaceHeld(): boolean {
    return this.#isSpaceHeld;
  }

  /** A pointer went down. @returns whether it moves the view; then releasing the space bar does nothing more */
  take(): boolean {
    this.#wasUsed ||= this.#isSpaceHeld;
    return this.#isSpaceHeld;
  }

  /** Whether the space bar was held for a pointer when it was released. */
  get wasUsed(): boolean {
    return this.#wasUsed;
  }

  protected override attached(): void {
    document.addEventListener('keydown', this.#documentOnKeydown);
    document.addEventListener('keyup', this.#documentOnKeyup);
    globalThis.addEventListener('blur', this.#release);
  }

  protected override detached(): void {
    document.removeEventListener('keydown', this.#documentOnKeydown);
    document.removeEventListener('keyup', this.#documentOnKeyup);
    globalThis.removeEventListener('blur', this.#release);
    this.#release();
  }

  #documentOnKeydown = (event: KeyboardEvent): void => {
    if (event.key === 'Shift') return this.#options.onShift(true);
    if (!this.#options.isForSheet() || hasOwnKeys(event)) return;
    // Alt picks colours; browsers would open their menu.
    if (event.key === 'Alt') return event.preventDefault();
    if (event.key !== ' ') return;
    // The space bar would scroll the page, or press a button that was clicked before.
    event.preventDefault();
    if (this.#isSpaceHeld) return;
    this.#isSpaceHeld = true;
    this.#wasUsed = false;
    this.host.requestUpdate();
  };

  #documentOnKeyup = (event: KeyboardEvent): void => {
    if (event.key === 'Shift') this.#options.onShift(false);
    if (event.key !== ' ' || !this.#isSpaceHeld) return;
    event.preventDefault();
    this.#release();
  };

  #release = (): void => {
    if (!this.#isSpaceHeld) return;
    this.#isSpaceHeld = false;
    this.host.requestUpdate();
  };
}

/** A field that is typed into, or a control that the keyboard has reached. */
function hasOwnKeys(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  if (!(target instanceof HTMLElement)) return false;
  if (target.matches('input, textarea, select, [contenteditable]')) return true;
  return target.matches('button, a, summary') && target.matches(':focus-visible');
}
