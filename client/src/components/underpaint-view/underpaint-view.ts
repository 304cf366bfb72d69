import { html, nothing, type TemplateResult } from 'lit';
import { property, query } from 'lit/decorators.js';
import { ClientController } from '../../controllers/client-controller.js';
import { ImageController } from '../../controllers/image-controller.js';
import { SQUARE, type PictureShape } from '../../drawing/raster.js';
import type { StreamClient } from '../../stream/stream-client.js';
import { extent, renderExtent } from '../extent.js';
import { fileNameOf } from '../file-name.js';
import { STUDIO_STRINGS, type StudioStrings } from '../strings/studio.js';
import { TextElement } from '../text-element.js';
import { theme } from '../theme.styles.js';
import { styles } from './underpaint-view.styles.js';

/**
 * Shows the pictures of a stream.
 *
 * @fires {CustomEvent<Blob>} up-picture - a new picture is shown; `detail` is the JPEG
 * @csspart stage - the frame around the canvas
 * @csspart canvas - the canvas
 */
export class UnderpaintView extends TextElement<StudioStrings> {
  static override styles = [theme, extent, styles];
  protected override readonly english = STUDIO_STRINGS;

  /** The stream whose images are shown. */
  @property({ attribute: false }) client: StreamClient | null = null;
  /** The size of the model's pictures; only its aspect ratio counts. */
  @property({ attribute: false }) shape: PictureShape = SQUARE;
  /** A CSS transform of the picture within its frame: the one of the sketch under it. */
  @property({ attribute: false }) transform = 'none';

  @query('canvas') private readonly canvas!: HTMLCanvasElement | null;

  #draggedUrl = '';
  readonly #images = new ImageController(this, {
    canvas: () => this.canvas,
    onImage: () => this.dispatchEvent(new CustomEvent('up-picture', { detail: this.picture })),
  });

  constructor() {
    super();
    ClientController.updates(this, 'statechange', 'behindchange');
  }

  /** The picture that is shown, as the JPEG from the server; null before the first. */
  get picture(): Blob | null {
    return this.#images.latest?.blob ?? null;
  }

  /** The picture can be dragged into a folder, another page or the sketch. */
  #canvasOnDragstart = ({ dataTransfer }: DragEvent): void => {
    const { picture } = this;
    if (picture === null || dataTransfer === null) return;
    const name = fileNameOf(this.client?.params.prompt ?? '', '.jpg');
    this.#draggedUrl = URL.createObjectURL(picture);
    dataTransfer.effectAllowed = 'copy';
    dataTransfer.items.add(new File([picture], name, { type: 'image/jpeg' }));
    // How Chromium names a file that is dragged to a folder.
    dataTransfer.setData('DownloadURL', `image/jpeg:${name}:${this.#draggedUrl}`);
  };

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
        ${renderExtent()}
        <canvas
          part="canvas"
          role="img"
          aria-label=${this.strings.picture}
          draggable="true"
          @dragstart=${this.#canvasOnDragstart}
          @dragend=${() => URL.revokeObjectURL(this.#draggedUrl)}
          width="256"
          height="256"
          ?hidden=${empty}
          .style=${`transform: ${this.transform}`}
        ></canvas>
        <span class="behind" title=${this.strings.isBehind} ?hidden=${empty || !this.client?.isBehind}></span>
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
    'up-picture': CustomEvent<Blob>;
  }
}
