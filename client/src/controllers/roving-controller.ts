import type { ReactiveController, ReactiveControllerHost } from 'lit';

/**
 * One tab stop for a group of buttons: arrow keys, Home and End move between them.
 * Pattern: WAI-ARIA Authoring Practices, "Toolbar".
 */
export class RovingController implements ReactiveController {
  readonly #items: () => readonly HTMLButtonElement[];
  #current = 0;

  constructor(host: ReactiveControllerHost, items: () => readonly HTMLButtonElement[]) {
    this.#items = items;
    host.addController(this);
  }

  hostUpdated(): void {
    const items = this.#items();
    this.#current = Math.min(this.#current, Math.max(0, items.length - 1));
    items.forEach((item, index) => (item.tabIndex = index === this.#current ? 0 : -1));
  }

  keydown = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const items = this.#items();
    const at = items.indexOf(event.target as HTMLButtonElement);
    if (at < 0) return;
    const target =
      event.key === 'Home'
        ? 0
        : event.key === 'End'
          ? items.length - 1
          : step && (at + step + items.length) % items.length;
    if (target === undefined) return;
    event.preventDefault();
    items[target]?.focus();
  };

  focusin = (event: FocusEvent): void => {
    const index = this.#items().indexOf(event.target as HTMLButtonElement);
    if (index < 0) return;
    this.#current = index;
    this.hostUpdated();
  };
}
