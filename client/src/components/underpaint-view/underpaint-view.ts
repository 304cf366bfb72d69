import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { property, query } from 'lit/decorators.js';
import { ClientController } from '../../controllers/client-controller.js';
import { ImageController } from '../../controllers/image-controller.js';
import type { StreamClient } from '../../stream/stream-client.js';
import { DEFAULT_STRINGS, type Strings } from '../strings.js';
import { theme } from '../theme.styles.js';
import { styles } from './underpaint-view.styles.js';

/**
 * Shows the pictures of a stream.
 *
 * @fires {CustomEvent<void>} up-picture - another picture is shown
 * @csspart stage - the frame around the canvas
 * @csspart canvas - the canvas
 */
export class UnderpaintView extends LitElement {
  static override styles = [theme, styles];

  /** The stream whose images are shown. */
  @property({ attribute: false }) client: StreamClient | null = null;
  /** The model's picture, of which the ratio counts. */
  @property({ attribute: false }) shape: { readonly width: number; readonly height: number } = {
    width: 256,
    height: 256,
  };
  /** A CSS transform of the picture within its frame: that of a sketch it lies over. */
  @property({ attribute: false }) transform = 'none';
  /** The words it shows and says; `DEFAULT_STRINGS` with some replaced. */
  @property({ attribute: false }) strings: Strings = DEFAULT_STRINGS;

  /** @internal */
  @query('canvas') readonly canvas!: HTMLCanvasElement | null;

  readonly #images = new ImageController(this, () => this.dispatchEvent(new CustomEvent('up-picture')));

  constructor() {
    super();
    new ClientController(this, ['statechange']);
  }

  /** The picture shown, as the JPEG that came; null before the first. */
  get picture(): Blob | null {
    return this.#images.latest?.blob ?? null;
  }

  override render(): TemplateResult {
    const empty = this.#images.latest === null;
    const isFlagged = this.#images.latest?.image.flagged === true;
    return html`
      <div
        class="stage"
        part="stage"
        ?data-stale=${this.client?.state.status !== 'live'}
        .style=${`--_ratio: ${this.shape.width} / ${this.shape.height}`}
      >
        <canvas
          part="canvas"
          role="img"
          aria-label=${this.strings.picture}
          width="256"
          height="256"
          ?hidden=${empty}
          .style=${`transform: ${this.transform}`}
        ></canvas>
        ${empty ? html`<p>${this.strings.pictureEmpty}</p>` : nothing}
        <p class="flagged" role="status" ?data-empty=${!isFlagged}>
          ${isFlagged ? this.strings.pictureFlagged : nothing}
        </p>
      </div>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'underpaint-view': UnderpaintView;
  }
  interface HTMLElementEventMap {
    'up-picture': CustomEvent<void>;
  }
}
