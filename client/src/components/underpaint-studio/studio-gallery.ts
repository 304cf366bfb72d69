import { html, nothing, type TemplateResult } from 'lit';
import { AttachedController, type AttachedHost } from '../../controllers/attached-controller.js';
import type { ResultsController } from '../../controllers/results-controller.js';
import type { Result } from '../../kept/results.js';
import type { StreamClient } from '../../stream/stream-client.js';
import { renderIconButton } from '../icon-button.js';
import { icon } from '../icons.js';
import type { StudioStrings } from '../strings/studio.js';
import type { UnderpaintSketch } from '../underpaint-sketch/underpaint-sketch.js';
import type { UnderpaintView } from '../underpaint-view/underpaint-view.js';

interface GalleryHost extends AttachedHost {
  readonly autosave: string;
  readonly room: string;
  readonly input: 'sketch' | 'webcam';
  readonly client: StreamClient | null;
  readonly sketch: UnderpaintSketch;
  readonly result: UnderpaintView;
  readonly strings: StudioStrings;
  readonly renderRoot: ParentNode;
  leave(): void;
  choose(name: 'input', input: 'sketch'): void;
}

/** The pictures so far and the kept drawings. Their code is loaded after the first picture, or when a dialog is opened. */
export class StudioGallery extends AttachedController<GalleryHost> {
  readonly #notify: (text: string) => void;
  #history: ResultsController | null = null;
  #loading: Promise<ResultsController> | null = null;

  constructor(studio: GalleryHost, notify: (text: string) => void) {
    super(studio);
    this.#notify = notify;
  }

  get results(): readonly Result[] {
    return this.#history?.list ?? [];
  }

  /** A picture is shown. */
  shown(): void {
    void this.#loaded().then((history) => history.shown(), ignore);
  }

  async keepPicture(): Promise<void> {
    const history = await this.#loaded();
    if (!(await history.keepNow())) this.#notify(this.host.strings.tooManyPictures);
  }

  onResult = async ({ type, detail }: CustomEvent<Result>): Promise<void> => {
    const history = await this.#loaded();
    if (type === 'up-keep') return history.keep(detail);
    if (type === 'up-delete') return history.delete(detail);
    if (!(await history.goBackTo(detail))) this.#notify(this.host.strings.isGone);
  };

  /** The pictures from before are shown at once. */
  protected override afterUpdate(): void {
    if (this.host.autosave !== '') this.#loaded().catch(ignore);
  }

  #loaded(): Promise<ResultsController> {
    return (this.#loading ??= this.#openHistory());
  }

  async #openHistory(): Promise<ResultsController> {
    const { ResultsController } = await this.load();
    const studio = this.host;
    this.#history = new ResultsController(studio, {
      picture: () => studio.result.picture,
      drawing: () => studio.sketch.state,
      restore: (drawing, params) => void studio.sketch.restore(drawing, params),
    });
    return this.#history;
  }

  /** Loads the code of the elements that a studio uses later. */
  async load() {
    await this.host.updateComplete;
    const extras = import('../extras.js');
    extras.catch(() => this.#notify(this.host.strings.notLoaded));
    return extras;
  }

  async showDrawings(): Promise<void> {
    await this.load();
    await this.host.renderRoot.querySelector('underpaint-drawings')?.show();
  }

  renderButton(): TemplateResult | typeof nothing {
    const { autosave, strings } = this.host;
    if (autosave === '') return nothing;
    return renderIconButton({
      shape: icon('drawings'),
      label: strings.drawings,
      onClick: () => void this.showDrawings(),
    });
  }

  renderDialog(): TemplateResult | typeof nothing {
    const { autosave, room, sketch, strings } = this.host;
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
    const studio = this.host;
    if (studio.room !== '') studio.leave();
    studio.choose('input', 'sketch');
    await studio.updateComplete;
    if (id === null) studio.sketch.sheet.openNew();
    else await studio.sketch.sheet.open(id);
  }
}

/** The person has been told that the code could not be loaded. */
function ignore(): void {}
