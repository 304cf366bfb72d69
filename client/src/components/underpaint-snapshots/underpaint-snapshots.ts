import type { Params } from '@underpaint/shared';
import { html, LitElement, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { BlobUrlController } from '../../controllers/blob-url-controller.js';
import type { DrawingState } from '../../drawing/drawing.js';
import { DEFAULT_STRINGS, type Strings } from '../strings.js';
import { theme } from '../theme.styles.js';
import { styles } from './underpaint-snapshots.styles.js';

/** A kept picture, with its parameters and its drawing. */
export interface Snapshot {
  readonly picture: Blob;
  readonly params: Params;
  readonly drawing: DrawingState;
}

/**
 * The kept pictures, newest first.
 *
 * @fires {CustomEvent<Snapshot>} up-snapshot - the person chose a picture to go back to
 */
export class UnderpaintSnapshots extends LitElement {
  static override styles = [theme, styles];

  /** The pictures to show, in this order. */
  @property({ attribute: false }) snapshots: readonly Snapshot[] = [];
  /** The texts of the element: `DEFAULT_STRINGS` with some replaced. */
  @property({ attribute: false }) strings: Strings = DEFAULT_STRINGS;

  readonly #urls = new BlobUrlController(this);

  override render(): TemplateResult {
    return html`<div role="group" aria-label=${this.strings.snapshots}>
      ${repeat(
        this.snapshots,
        (snapshot) => snapshot,
        (snapshot) => this.#renderOne(snapshot),
      )}
    </div>`;
  }

  #renderOne(snapshot: Snapshot): TemplateResult {
    const { prompt, strength, steps, seed } = snapshot.params;
    const words = this.strings.snapshotOf({ prompt, strength: strength.toFixed(2), steps, seed });
    return html`<button
      aria-label=${words}
      title=${words}
      @click=${() => this.dispatchEvent(new CustomEvent('up-snapshot', { detail: snapshot }))}
    >
      <img alt="" src=${this.#urls.of(snapshot.picture)} />
    </button>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'underpaint-snapshots': UnderpaintSnapshots;
  }
  interface HTMLElementEventMap {
    'up-snapshot': CustomEvent<Snapshot>;
  }
}
