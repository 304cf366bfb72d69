import { html, nothing, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import type { RoomLoss } from '../../controllers/room-controller.js';
import { renderIconButton } from '../icon-button.js';
import { icon } from '../icons.js';
import { ROOM_STRINGS, type RoomStrings } from '../strings/rooms.js';
import { TextElement } from '../text-element.js';
import { theme } from '../theme.styles.js';
import { styles } from './underpaint-lost.styles.js';

/**
 * What can be done after the server had no such room, or has sent the person away.
 *
 * @fires {CustomEvent<void>} up-make - the person wants a new room of the drawing
 * @fires {CustomEvent<void>} up-retry - the person wants to enter the room again
 * @fires {CustomEvent<void>} up-forget - the person does not need the room
 */
export class UnderpaintLost extends TextElement<RoomStrings> {
  static override styles = [theme, styles];
  protected override readonly english = ROOM_STRINGS;

  /** Why the room was lost. */
  @property({ attribute: false }) loss: RoomLoss = 'missing';

  override render(): TemplateResult {
    const { loss, strings } = this;
    const sentence = { missing: strings.roomLost, removed: strings.youWereRemoved, closed: strings.roomClosed }[loss];
    return html`<div class="lost" role="status">
      <span>${sentence}</span>
      ${loss === 'closed' ? html`<button @click=${() => this.#tell('up-retry')}>${strings.retry}</button>` : nothing}
      <button @click=${() => this.#tell('up-make')}>${strings.makeRoom}</button>
      ${renderIconButton({ shape: icon('close'), label: strings.close, onClick: () => this.#tell('up-forget') })}
    </div>`;
  }

  #tell(name: 'up-make' | 'up-retry' | 'up-forget'): void {
    const event = new CustomEvent(name);
    this.dispatchEvent(event);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'underpaint-lost': UnderpaintLost;
  }
}
