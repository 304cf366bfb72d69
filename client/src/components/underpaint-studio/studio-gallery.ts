import { html, nothing, type TemplateResult } from 'lit';
import type { AttachedHost } from '../../controllers/attached-controller.js';
import { ResultsController } from '../../controllers/results-controller.js';
import type { Result } from '../../kept/results.js';
import type { StreamClient } from '../../stream/stream-client.js';
import type { Strings } from '../strings.js';
import type { UnderpaintSketch } from '../underpaint-sketch/underpaint-sketch.js';
import type { UnderpaintView } from '../underpaint-view/underpaint-view.js';
import { renderIconButton } from './studio-parts.js';

interface GalleryHost extends AttachedHost {
  readonly autosave: string;
  readonly room: string;
  readonly input: 'sketch' | 'webcam';
  readonly client: StreamClient | null;
  readonly sketch: UnderpaintSketch;
  readonly result: UnderpaintView;
  readonly strings: Strings;
  readonly renderRoot: ParentNode;
  leave(): void;
  choose(name: 'input', input: 'sketch'): void;
}

/** The pictures so far and the kept drawings. Their code is loaded after the first picture, or when a dialog is opened. */
export class StudioGallery {
  readonly #studio: GalleryHost;
  readonly #notify: (text: string) => void;
  readonly #results: ResultsController;

  constructor(studio: GalleryHost, notify: (text: string) => void) {
    this.#studio = studio;
    this.#notify = notify;
    this.#results = new ResultsController(studio, {
      load: async (name) => (await this.load()).openResults(name),
      picture: () => studio.result.picture,
      drawing: () => studio.sketch.state,
      restore: (drawing, params) => void studio.sketch.restore(drawing, params),
    });
  }

  get results(): readonly Result[] {
    return this.#results.list;
  }

  /** A picture is shown. */
  shown(): void {
    this.#results.shown();
  }

  async keepPicture(): Promise<void> {
    if (!(await this.#results.keepNow())) this.#notify(this.#studio.strings.tooManyPictures);
  }

  onResult = async ({ type, detail }: CustomEvent<Result>): Promise<void> => {
    if (type === 'up-keep') return this.#results.keep(detail);
    if (type === 'up-delete') return this.#results.delete(detail);
    if (!(await this.#results.goBackTo(detail))) this.#notify(this.#studio.strings.isGone);
  };

  /** Loads the code of the elements that a studio uses later. */
  async load() {
    await this.#studio.updateComplete;
    const extras = import('../extras.js');
    extras.catch(() => this.#notify(this.#studio.strings.notLoaded));
    return extras;
  }

  async showDrawings(): Promise<void> {
    await this.load();
    await this.#studio.renderRoot.querySelector('underpaint-drawings')?.show();
  }

  renderButton(): TemplateResult | typeof nothing {
    const { autosave, strings } = this.#studio;
    if (autosave === '') return nothing;
    return renderIconButton('drawings', { label: strings.drawings, onClick: () => void this.showDrawings() });
  }

  renderDialog(): TemplateResult | typeof nothing {
    const { autosave, room, sketch, strings } = this.#studio;
    if (autosave === '') return nothing;
    return html`<underpaint-drawings
      name=${autosave}
      .current=${room === '' ? sketch?.sheet.id : ''}
      .strings=${strings}
      @up-open=${(event: CustomEvent<string>) => void this.#open(event.detail)}
      @up-new=${() => void this.#open(null)}
    ></underpaint-drawings>`;
  }

  /** @param id of a kept drawing; null for an empty sheet */
  async #open(id: string | null): Promise<void> {
    const studio = this.#studio;
    if (studio.room !== '') studio.leave();
    studio.choose('input', 'sketch');
    await studio.updateComplete;
    if (id === null) studio.sketch.sheet.openNew();
    else await studio.sketch.sheet.open(id);
  }
}
