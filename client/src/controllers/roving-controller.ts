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
    const current = items[this.#current];
    if (current === undefined || current.disabled)
      this.#current = Math.max(
        0,
        items.findIndex((item) => !item.disabled),
      );
    items.forEach((item, index) => (item.tabIndex = index === this.#current ? 0 : -1));
  }

  keydown = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const enabled = this.#items().filter((item) => !item.disabled);
    const at = enabled.indexOf(event.target as HTMLButtonElement);
    const target =
      event.key === 'Home'
        ? 0
        : event.key === 'End'
          ? enabled.length - 1
          : step && (at + step + enabled.length) % enabled.length;
    if (target === undefined) return;
    event.preventDefault();
    enabled[target]?.focus();
  };

  focusin = (event: FocusEvent): void => {
    const index = this.#items().indexOf(event.target as HTMLButtonElement);
    if (index < 0) return;
    this.#current = index;
    this.hostUpdated();
  };
}
