import { html, LitElement, svg, type SVGTemplateResult, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { RoomEventsController } from '../../controllers/room-events-controller.js';
import type { PersonState } from '../../room/presence.js';
import type { Person, Room } from '../../room/room.js';
import { personColour } from '../person-colours.js';
import { DEFAULT_STRINGS, type Strings } from '../strings.js';
import { theme } from '../theme.styles.js';
import { styles } from './underpaint-cursors.styles.js';

interface Pointing extends Person {
  readonly state: PersonState & { readonly cursor: readonly [number, number] };
}

/**
 * The pointers of the others in a room, over the sketch that it lies in; and what tells them of the pointer here. While
 * somebody draws, the way of the pen is shown: the stroke itself comes when the pen lifts.
 */
export class UnderpaintCursors extends LitElement {
  static override styles = [theme, styles];

  /** The room whose people are shown. */
  @property({ attribute: false }) room: Room | null = null;
  /** The words it shows and says; `DEFAULT_STRINGS` with some replaced. */
  @property({ attribute: false }) strings: Strings = DEFAULT_STRINGS;

  /** By client: the way of a pen that is down, as points of a polyline. */
  readonly #trails = new Map<number, string>();
  #sketch: HTMLElement | null = null;

  constructor() {
    super();
    new RoomEventsController(this, { presence: () => this.requestUpdate() });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#sketch = this.parentElement;
    for (const name of MOVES) this.#sketch?.addEventListener(name, this.#sketchOnPointer);
    this.#sketch?.addEventListener('pointerleave', this.#sketchOnPointerleave);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const name of MOVES) this.#sketch?.removeEventListener(name, this.#sketchOnPointer);
    this.#sketch?.removeEventListener('pointerleave', this.#sketchOnPointerleave);
  }

  override render(): TemplateResult {
    const people = (this.room?.people ?? []).filter(
      (person): person is Pointing => !person.isSelf && !!person.state?.cursor,
    );
    this.#trace(people);
    return html`<svg class="trails" viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
        ${people.map((person) => this.#renderTrail(person))}
      </svg>
      ${repeat(
        people,
        ({ member }) => member,
        (person) => this.#renderPointer(person),
      )}`;
  }

  #renderTrail({ client, state }: Pointing): SVGTemplateResult {
    return svg`<polyline points=${this.#trails.get(client) ?? ''} stroke=${personColour(state.colour)} />`;
  }

  #renderPointer({ state: { name, colour, cursor, isDrawing } }: Pointing): TemplateResult {
    const [x, y] = cursor;
    return html`<div
      class="person ${isDrawing ? 'drawing' : ''}"
      aria-hidden="true"
      .style=${`translate: ${x * 100}% ${y * 100}%; --_colour: ${personColour(colour)}`}
    >
      <div class="pointer">
        <svg class="arrow" viewBox="0 0 18 18"><path d="M2 2l4.5 13 2.6-5.4L15 7z" /></svg>
        <span class="name">${name || this.strings.somebody}</span>
      </div>
    </div>`;
  }

  #trace(people: readonly Pointing[]): void {
    const drawing = people.filter(({ state }) => state.isDrawing);
    for (const client of this.#trails.keys()) {
      if (!drawing.some((person) => person.client === client)) this.#trails.delete(client);
    }
    for (const { client, state } of drawing) {
      const before = this.#trails.get(client);
      const place = state.cursor.join();
      if (!before?.endsWith(place)) this.#trails.set(client, before === undefined ? place : `${before} ${place}`);
    }
  }

  #sketchOnPointer = (event: Event): void => {
    // Of those who only watch there may be many.
    if (!this.room?.canEdit) return;
    const { clientX, clientY } = event as PointerEvent;
    const box = this.getBoundingClientRect();
    const [x, y] = [(clientX - box.left) / box.width, (clientY - box.top) / box.height];
    const isOver = x >= 0 && x <= 1 && y >= 0 && y <= 1;
    this.room.presence.set({ cursor: isOver ? [x, y] : null });
  };

  #sketchOnPointerleave = (): void => this.room?.presence.set({ cursor: null });
}

const MOVES = ['pointermove', 'pointerdown', 'pointerup'] as const;

declare global {
  interface HTMLElementTagNameMap {
    'underpaint-cursors': UnderpaintCursors;
  }
}
