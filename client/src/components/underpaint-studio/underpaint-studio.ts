import type { ParamsPatch } from '@underpaint/shared';
import { html, LitElement, type PropertyValues, type TemplateResult } from 'lit';
import { property, query } from 'lit/decorators.js';
import { StreamController } from '../../controllers/stream-controller.js';
import { DEFAULT_PALETTE } from '../../drawing/palette.js';
import type { StreamClient, StreamClientOptions } from '../../stream/stream-client.js';
import { DEFAULT_STRINGS, type Strings } from '../strings.js';
import { theme } from '../theme.styles.js';
import type { UnderpaintSketch } from '../underpaint-sketch/underpaint-sketch.js';
import { styles } from './underpaint-studio.styles.js';

const SQUARE = { width: 256, height: 256 };

/**
 * A whole studio: sketchpad, live picture and knobs, connected to a server.
 *
 * @slot brand - what stands at the left of the top line
 * @cssprop --underpaint-accent - colour of what is chosen and of what can be done
 * @cssprop --underpaint-paper - colour behind everything
 * @cssprop --underpaint-surface - colour of panels and fields
 * @cssprop --underpaint-stage-max - largest width of the canvas and of the picture
 */
export class UnderpaintStudio extends LitElement {
  static override styles = [theme, styles];

  /** Address of the service, ws(s): or http(s):; relative ones are taken from the page's. */
  @property() server = 'ws';
  /** The words to begin with. */
  @property() prompt = '';
  /** Begins with a drawing instead of an empty sketch. */
  @property({ type: Boolean }) starter = false;
  /** Asked for a token before every connection. */
  @property({ attribute: false }) tokenProvider: StreamClientOptions['tokenProvider'] | null = null;
  @property({ attribute: false }) strings: Strings = DEFAULT_STRINGS;

  @query('underpaint-sketch') readonly sketch!: UnderpaintSketch;

  readonly #stream = new StreamController(this);

  /** The connection; null while the element is not in a page. */
  get client(): StreamClient | null {
    return this.#stream.client;
  }

  get initialParams(): ParamsPatch {
    return this.prompt === '' ? {} : { prompt: this.prompt };
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('prompt') && this.hasUpdated) this.client?.setParams(this.initialParams);
    const client = this.client;
    if (client !== null && client.source === null)
      void this.sketch.updateComplete.then(() => (client.source = this.sketch.source));
  }

  override render(): TemplateResult {
    const { client, strings } = this;
    const model = client?.welcome?.model;
    const palette = model !== undefined && model.palette.length > 0 ? model.palette : DEFAULT_PALETTE;
    return html`
      <header>
        <slot name="brand"></slot>
        <underpaint-status .client=${client} .strings=${strings}></underpaint-status>
      </header>
      <main>
        <underpaint-sketch
          .shape=${model ?? SQUARE}
          .palette=${palette}
          .strings=${strings}
          ?starter=${this.starter}
          @up-sketch=${() => client?.changed()}
        ></underpaint-sketch>
        <underpaint-view .client=${client} .shape=${model ?? SQUARE} .strings=${strings}></underpaint-view>
        <underpaint-controls .client=${client} .strings=${strings}></underpaint-controls>
      </main>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'underpaint-studio': UnderpaintStudio;
  }
}
