import { html, nothing, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { RoomEventsController } from '../../controllers/room-events-controller.js';
import { MAX_NAME_LENGTH } from '../../room/presence.js';
import type { Person, Room } from '../../room/room.js';
import { saveName } from '../../room/self.js';
import { lateIcon } from '../late-icons.js';
import { personColour } from '../person-colours.js';
import { ROOM_STRINGS, type RoomStrings } from '../strings/rooms.js';
import { TextElement } from '../text-element.js';
import { theme } from '../theme.styles.js';
import { styles } from './underpaint-people.styles.js';

/**
 * The people in a room with their activities, the person's own name, and the choices of the owner and the presenter. The
 * owner can also remove a person, and take back marks of people who are here or have left.
 */
export class UnderpaintPeople extends TextElement<RoomStrings> {
  static override styles = [theme, styles];
  protected override readonly english = ROOM_STRINGS;

  /** The room whose people are listed. */
  @property({ attribute: false }) room: Room | null = null;

  /** The author whose actions are shown. */
  @state() private chosen: number | null = null;

  constructor() {
    super();
    new RoomEventsController(this, {
      room: () => this.room,
      listeners: { presence: () => this.requestUpdate() },
      // The numbers of marks.
      onDrawing: () => this.requestUpdate(),
    });
  }

  override render(): TemplateResult | typeof nothing {
    const { room, strings } = this;
    if (room === null) return nothing;
    return html`
      <ul aria-label=${strings.people(room.people.length)}>
        ${repeat(
          room.people,
          ({ member }) => member,
          (person) => this.#renderPerson(person, room),
        )}
        ${room.role === 'owner' ? room.gone.map((person) => this.#renderGone(person, room)) : nothing}
      </ul>
      ${
        room.role === 'owner'
          ? html`${this.#renderChoice(strings.lockRoom, room.isLocked, (isLocked) => room.setLocked(isLocked))}
            ${this.#renderChoice(strings.closeRoom, room.isClosed, (isClosed) => room.setClosed(isClosed))}`
          : nothing
      }
      ${
        room.presenter === null || room.isPresenter
          ? nothing
          : this.#renderChoice(strings.follow, room.isFollowing, (isFollowing) => (room.isFollowing = isFollowing))
      }
    `;
  }

  #renderPerson(person: Person, room: Room): TemplateResult {
    const name = this.#nameOf(person);
    return html`<li>
      ${renderAvatar(person, name)}
      ${person.isSelf ? this.#renderOwnName(name, room) : html`<span class="name">${name}</span>`}
      <span class="about">${this.#about(person, room)}</span>
      ${this.#canHandTo(person, room) ? this.#renderHandOver(person, { name, room }) : nothing}
      ${room.role === 'owner' && !person.isSelf ? this.#renderActions(person, { room, isHere: true }) : nothing}
    </li>`;
  }

  #renderGone(person: Person, room: Room): TemplateResult {
    const name = this.#nameOf(person);
    return html`<li class="gone">
      ${renderAvatar(person, name)}<span class="name">${name}</span> <span class="about">${this.strings.hasLeft}</span>
      ${this.#renderActions(person, { room, isHere: false })}
    </li>`;
  }

  #renderActions(person: Person, { room, isHere }: { room: Room; isHere: boolean }): TemplateResult {
    const { strings } = this;
    const { author, member } = person;
    const isOpen = this.chosen === author;
    const label = strings.actionsFor(this.#nameOf(person));
    return html`<button
        class="quiet more"
        aria-label=${label}
        title=${label}
        aria-expanded=${isOpen}
        @click=${() => (this.chosen = isOpen ? null : author)}
      >
        ${lateIcon('more')}
      </button>
      ${
        isOpen
          ? html`<div class="actions">
              ${this.#renderTakeBack(author, room)}
              ${
                isHere && person.role !== 'owner'
                  ? html`<button class="remove" aria-describedby="hint" @click=${() => room.remove(member)}>
                        ${strings.removePerson}
                      </button>
                      <span id="hint" class="hint">${strings.removeHint}</span>`
                  : nothing
              }
            </div>`
          : nothing
      }`;
  }

  #renderTakeBack(author: number, { drawing }: Room): TemplateResult {
    const count = drawing.marksOf(author).length;
    return html`<button aria-disabled=${count === 0} @click=${() => drawing.takeBack(author, 'newest')}>
        ${this.strings.undoNewest}
      </button>
      <button aria-disabled=${count === 0} @click=${() => drawing.takeBack(author, 'all')}>
        ${this.strings.undoAll(count)}
      </button>`;
  }

  #nameOf({ state }: Person): string {
    return state?.name || this.strings.somebody;
  }

  #renderOwnName(name: string, room: Room): TemplateResult {
    return html`<input
      type="text"
      autocomplete="nickname"
      enterkeyhint="done"
      maxlength=${MAX_NAME_LENGTH}
      aria-label=${this.strings.yourName}
      .value=${name}
      @change=${(event: Event) => rename(room, (event.target as HTMLInputElement).value.trim())}
    />`;
  }

  #renderHandOver({ member }: Person, { name, room }: { name: string; room: Room }): TemplateResult {
    return html`<button class="hand" aria-label=${this.strings.handTo(name)} @click=${() => room.setPresenter(member)}>
      ${this.strings.hand}
    </button>`;
  }

  #renderChoice(words: string, isChosen: boolean, choose: (isChosen: boolean) => void): TemplateResult {
    return html`<label class="choice">
      <input
        type="checkbox"
        .checked=${isChosen}
        @change=${(event: Event) => choose((event.target as HTMLInputElement).checked)}
      />
      <span>${words}</span>
    </label>`;
  }

  #about({ member, role, state }: Person, room: Room): string {
    if (member === room.presenter?.member) return this.strings.presents;
    if (state?.isDrawing) return this.strings.isDrawing;
    return this.strings.roles[room.isLocked && role === 'editor' ? 'viewer' : role];
  }

  /** The presenter and the owner may make another member the presenter. */
  #canHandTo({ member, role }: Person, room: Room): boolean {
    const { presenter } = room;
    if (presenter === null || member === presenter.member || role === 'viewer') return false;
    return room.isPresenter || room.role === 'owner';
  }
}

function renderAvatar({ state }: Person, name: string): TemplateResult {
  return html`<span class="avatar" aria-hidden="true" .style=${`--_colour: ${personColour(state?.colour ?? 0)}`}>
    ${[...name][0]}
  </span>`;
}

function rename(room: Room, name: string): void {
  if (name === '') return;
  saveName(name);
  room.presence.set({ name });
}

declare global {
  interface HTMLElementTagNameMap {
    'underpaint-people': UnderpaintPeople;
  }
}
