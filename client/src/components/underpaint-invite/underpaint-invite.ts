import { html, nothing, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { RoomEventsController } from '../../controllers/room-events-controller.js';
import { roomAddress } from '../../room/room-address.js';
import type { Room } from '../../room/room.js';
import { qrCode } from '../qr-path.js';
import { ROOM_STRINGS, type RoomStrings } from '../strings/rooms.js';
import { TextElement } from '../text-element.js';
import { theme } from '../theme.styles.js';
import { styles } from './underpaint-invite.styles.js';

const COPIED_MS = 2_000;
type Invitation = 'edit' | 'view';

/** The links of a room, as text to copy and as QR codes. */
export class UnderpaintInvite extends TextElement<RoomStrings> {
  static override styles = [theme, styles];
  protected override readonly english = ROOM_STRINGS;

  /** The room to invite people to. */
  @property({ attribute: false }) room: Room | null = null;
  /** Makes the link for a key of the room. */
  @property({ attribute: false }) linkOf: (key: string) => string = (key) => roomAddress(location.href, key);
  @state() private copied: Invitation | null = null;

  constructor() {
    super();
    new RoomEventsController(this, { room: () => this.room });
  }

  override render(): TemplateResult | typeof nothing {
    const { edit, view } = this.room?.summary ?? {};
    if (view === undefined) return nothing;
    return html`<div class="links">
        ${edit === undefined ? nothing : this.#renderLink('edit', edit)} ${this.#renderLink('view', view)}
      </div>
      <p hidden role="status">${this.copied === null ? nothing : this.strings.copied}</p>`;
  }

  #renderLink(invitation: Invitation, key: string): TemplateResult {
    const words = this.strings.invitations[invitation];
    const address = this.linkOf(key);
    const { size, path } = qrCode(address);
    return html`<section class=${invitation} aria-label=${words.title}>
      <h3>${words.title}</h3>
      <svg class="code" viewBox="0 0 ${size} ${size}" role="img" aria-label=${words.code} shape-rendering="crispEdges">
        <path d=${path} fill="currentColor" />
      </svg>
      <input readonly aria-label=${words.link} .value=${address} @focus=${selectAll} />
      <button @click=${() => this.#copy(invitation, address)}>
        ${this.copied === invitation ? this.strings.copied : words.copy}
      </button>
    </section>`;
  }

  /** If the page may not write to the clipboard, selects the link for copying by hand. */
  async #copy(invitation: Invitation, address: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(address);
    } catch {
      this.renderRoot.querySelector<HTMLInputElement>(`.${invitation} input`)?.focus();
      return;
    }
    this.copied = invitation;
    setTimeout(() => (this.copied = null), COPIED_MS);
  }
}

function selectAll(event: FocusEvent): void {
  (event.target as HTMLInputElement).select();
}

declare global {
  interface HTMLElementTagNameMap {
    'underpaint-invite': UnderpaintInvite;
  }
}
