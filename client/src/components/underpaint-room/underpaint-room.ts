import { html, nothing, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { RoomEventsController } from '../../controllers/room-events-controller.js';
import { roomAddress } from '../../room/room-address.js';
import type { Person, Room } from '../../room/room.js';
import { dialog } from '../dialog.styles.js';
import { renderIconButton } from '../icon-button.js';
import { icon } from '../icons.js';
import { personColour } from '../person-colours.js';
import { ROOM_STRINGS, type RoomStrings } from '../strings/rooms.js';
import { TextElement } from '../text-element.js';
import { theme } from '../theme.styles.js';
import { styles } from './underpaint-room.styles.js';

const MAX_FACES = 4;
/** People who enter or leave within this time are announced in one sentence. */
const GATHER_MS = 400;

type Move = 'joined' | 'left';

/**
 * A button that shows the people in the room. It opens a dialog with all of them and with the links for inviting others.
 *
 * @fires {CustomEvent<void>} up-leave - the person wants to leave the room
 * @fires {CustomEvent<string>} up-notice - somebody entered, left or changed something; `detail` is a sentence for the person
 */
export class UnderpaintRoom extends TextElement<RoomStrings> {
  static override styles = [theme, dialog, styles];
  protected override readonly english = ROOM_STRINGS;

  /** The room that is open. */
  @property({ attribute: false }) room: Room | null = null;
  /** Makes the link for a key of the room. */
  @property({ attribute: false }) linkOf: (key: string) => string = (key) => roomAddress(location.href, key);

  /** A closed dialog renders nothing, because presence changes thirty times a second. */
  @state() private isOpen = false;
  @query('.open') private readonly opener!: HTMLButtonElement | null;
  @query('dialog') private readonly dialog!: HTMLDialogElement | null;

  readonly #gathered: Record<Move, Map<number, Person>> = { joined: new Map(), left: new Map() };
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    new RoomEventsController(this, {
      room: () => this.room,
      listeners: {
        presence: () => this.requestUpdate(),
        joined: ({ detail }) => this.#gather('joined', detail),
        left: ({ detail }) => this.#gather('left', detail),
        presenterchange: ({ detail }) => this.#tellPresenter(detail),
        wordschange: ({ detail }) => this.#say(this.strings.changedWords(this.#nameOf(detail))),
      },
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  /** Opens the dialog. */
  async show(): Promise<void> {
    await this.updateComplete;
    if (this.dialog === null || this.opener === null) return;
    this.isOpen = true;
    // The focus returns to it when the dialog closes.
    this.opener.focus();
    this.dialog.showModal();
  }

  override render(): TemplateResult | typeof nothing {
    const { room, strings } = this;
    if (room === null) return nothing;
    const status = this.#status(room);
    return html`
      <button
        class="open"
        aria-haspopup="dialog"
        aria-label=${[strings.share, strings.people(room.people.length), status].filter(Boolean).join(', ')}
        title=${strings.share}
        @click=${() => this.show()}
      >
        ${this.#renderFaces(room.people)} <span class="count">${room.people.length}</span>
        <span class="status" ?hidden=${status === ''}>${status}</span> ${icon('share')}
      </button>
      <dialog aria-labelledby="title" @click=${this.#closeOutside} @close=${() => (this.isOpen = false)}>
        <div class="head">
          <h2 id="title">${strings.people(room.people.length)}</h2>
          ${renderIconButton({ shape: icon('close'), label: strings.close, onClick: () => this.dialog?.close() })}
        </div>
        ${this.isOpen ? this.#renderOpen(room) : nothing}
      </dialog>
    `;
  }

  #renderOpen(room: Room): TemplateResult {
    const { strings } = this;
    return html`<underpaint-people .room=${room} .strings=${strings}></underpaint-people>
      <underpaint-invite .room=${room} .strings=${strings} .linkOf=${this.linkOf}></underpaint-invite>
      <button class="leave" @click=${() => this.dispatchEvent(new CustomEvent('up-leave'))}>${strings.leave}</button>`;
  }

  #renderFaces(people: readonly Person[]): TemplateResult {
    const shown = people.length > MAX_FACES ? people.slice(0, MAX_FACES - 1) : people;
    const more = people.length - shown.length;
    return html`<span class="faces" aria-hidden="true">
      ${shown.map(
        (person) =>
          html`<span
            class="face"
            data-initial=${[...this.#nameOf(person)][0]!}
            .style=${`--_colour: ${personColour(person.state?.colour ?? 0)}`}
          ></span>`,
      )}
      ${more === 0 ? nothing : html`<span class="face more" data-initial="+${more}"></span>`}
    </span>`;
  }

  #status({ role, isLocked, isClosed, isSaved, presenter }: Room): string {
    if (!isSaved) return this.strings.isNotSaved;
    if (presenter !== null && !presenter.isSelf) return this.strings.cameraOf(this.#nameOf(presenter));
    if (role === 'viewer') return this.strings.youWatch;
    if (isLocked) return this.strings.isLocked;
    return isClosed && role === 'owner' ? this.strings.isClosed : '';
  }

  #gather(move: Move, people: readonly Person[]): void {
    const other = this.#gathered[move === 'joined' ? 'left' : 'joined'];
    for (const person of people) {
      // A person who returns at once is not announced.
      if (!other.delete(person.author)) this.#gathered[move].set(person.author, person);
    }
    this.#timer ??= setTimeout(() => this.#tell(), GATHER_MS);
  }

  #tell(): void {
    this.#timer = undefined;
    const sentences = (['joined', 'left'] as const).flatMap((move) => {
      const people = [...this.#gathered[move].values()];
      this.#gathered[move].clear();
      return people.length === 0 ? [] : this.strings[move](people.map((person) => this.#nameOf(person)));
    });
    if (sentences.length > 0) this.#say(sentences.join(' '));
  }

  #tellPresenter(presenter: Person | null): void {
    if (presenter !== null && !presenter.isSelf) this.#say(this.strings.showsCamera(this.#nameOf(presenter)));
  }

  /** The name may arrive later than the person. */
  #nameOf({ author, state }: Person): string {
    return (this.room?.presence.of(author) ?? state)?.name || this.strings.somebody;
  }

  #say(words: string): void {
    this.dispatchEvent(new CustomEvent('up-notice', { detail: words }));
  }

  /** A click on the backdrop has the dialog itself as its target. */
  #closeOutside = (event: MouseEvent): void => {
    if (event.target === this.dialog) this.dialog?.close();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'underpaint-room': UnderpaintRoom;
  }
  interface HTMLElementEventMap {
    'up-leave': CustomEvent<void>;
  }
}
