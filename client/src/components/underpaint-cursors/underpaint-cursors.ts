import { html, svg, type SVGTemplateResult, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { RoomEventsController } from '../../controllers/room-events-controller.js';
import type { PersonState } from '../../room/presence.js';
import type { Person, Room } from '../../room/room.js';
import { personColour } from '../person-colours.js';
import { ROOM_STRINGS, type RoomStrings } from '../strings/rooms.js';
import { TextElement } from '../text-element.js';
import { theme } from '../theme.styles.js';
import type { UnderpaintSketch } from '../underpaint-sketch/underpaint-sketch.js';
import { styles } from './underpaint-cursors.styles.js';

interface Pointing extends Person {
  readonly state: PersonState & { readonly cursor: readonly [number, number] };
}

/**
 * The pointers of the other people in a room, over the sketch that contains this element. It also reports this person's
 * pointer to them. While somebody draws it shows the path of the pen; the stroke itself arrives when the pen lifts.
 */
export class UnderpaintCursors extends TextElement<RoomStrings> {
  static override styles = [theme, styles];
  protected override readonly english = ROOM_STRINGS;

  /** The room whose people are shown. */
  @property({ attribute: false }) room: Room | null = null;

  /** Paths of pens that are down, by author, as points of a polyline. */
  readonly #trails = new Map<number, string>();
  #sketch: UnderpaintSketch | null = null;

  constructor() {
    super();
    new RoomEventsController(this, {
      room: () => this.room,
      listeners: { presence: () => this.requestUpdate() },
    });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#sketch = this.parentElement as UnderpaintSketch | null;
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

  #renderTrail({ author, state }: Pointing): SVGTemplateResult {
    return svg`<polyline points=${this.#trails.get(author) ?? ''} stroke=${personColour(state.colour)} />`;
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
    for (const author of this.#trails.keys()) {
      if (!drawing.some((person) => person.author === author)) this.#trails.delete(author);
    }
    for (const { author, state } of drawing) {
      const before = this.#trails.get(author);
      const place = state.cursor.join();
      if (!before?.endsWith(place)) this.#trails.set(author, before === undefined ? place : `${before} ${place}`);
    }
  }

  #sketchOnPointer = (event: Event): void => {
    // A room may have many viewers.
    if (!this.room?.canEdit) return;
    const [x, y] = this.#sketch!.placeOf(event as PointerEvent);
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
