import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { query, state } from 'lit/decorators.js';
import { ClientController } from '../../controllers/client-controller.js';
import { FileDropController } from '../../controllers/file-drop-controller.js';
import { NoticeController, subjectOf } from '../../controllers/notice-controller.js';
import { PageKeysController } from '../../controllers/page-keys-controller.js';
import { SourceController } from '../../controllers/source-controller.js';
import { StreamController } from '../../controllers/stream-controller.js';
import { sheetOf, type Sheet } from '../../drawing/sheet.js';
import type { Room } from '../../room/room.js';
import type { StreamClient } from '../../stream/stream-client.js';
import type { StreamFailure } from '../../stream/stream-events.js';
import { extent, renderExtent } from '../extent.js';
import { featuresOf, type Feature } from '../features.js';
import { theme } from '../theme.styles.js';
import type { UnderpaintHelp } from '../underpaint-help/underpaint-help.js';
import type { UnderpaintRoom } from '../underpaint-room/underpaint-room.js';
import type { UnderpaintSketch } from '../underpaint-sketch/underpaint-sketch.js';
import type { UnderpaintView } from '../underpaint-view/underpaint-view.js';
import type { ViewCommand } from '../underpaint-viewbar/underpaint-viewbar.js';
import type { UnderpaintWebcam } from '../underpaint-webcam/underpaint-webcam.js';
import { StudioActions } from './studio-actions.js';
import { StudioEvents } from './studio-events.js';
import { StudioGallery } from './studio-gallery.js';
import { StudioKeep } from './studio-keep.js';
import { StudioLanguage } from './studio-language.js';
import { StudioProperties } from './studio-properties.js';
import { failureInWords, mayTake, renderEntries, renderNotice } from './studio-parts.js';
import { renderBlend, renderSplit, type BlendParts } from './studio-blend.js';
import { renderControls, renderPicture, renderTools, renderWebcam } from './studio-picture.js';
import { StudioRooms } from './studio-rooms.js';
import { renderSketch } from './studio-sketch.js';
import { ALL_SHORTCUTS, runStudioShortcut } from './studio-shortcuts.js';
import { styles } from './underpaint-studio.styles.js';

/** The narrowest useful width, and 960 px in all. */
const EXTENT = [280, 280, 280, 120];

/**
 * A whole studio: sketchpad or camera, live picture and controls, connected to a server.
 */
export class UnderpaintStudio extends StudioProperties {
  static override styles = [theme, extent, styles];

  /** The address of a studio without `server`: beside the page, or where the script tag's bundle came from. */
  static defaultServer = './';

  /** The sketchpad. */
  @query('underpaint-sketch') readonly sketch!: UnderpaintSketch;
  /** The camera; null while the sketch is the source. */
  @query('underpaint-webcam') readonly webcam!: UnderpaintWebcam | null;
  /** The picture. */
  @query('underpaint-view') readonly result!: UnderpaintView;
  @query('underpaint-room') private readonly people!: UnderpaintRoom | null;
  @query('underpaint-help') private readonly help!: UnderpaintHelp;

  @state() private hasPicture = false;
  /** Overlay: opacity of the picture. Split: the sketch's share of the width. 0..100. */
  @state() blend = 50;
  /** Whether new words keep the seed. */
  @state() seedLocked = true;

  readonly #notice = new NoticeController(this, (text) =>
    this.dispatchEvent(new CustomEvent('up-notice', { detail: text })),
  );
  readonly #keep = new StudioKeep(this);
  readonly #rooms = new StudioRooms(this, {
    keep: this.#keep,
    notice: this.#notice,
    server: () => this.#serverAddress,
    firstParams: () => this.#keep.params ?? this.firstParams,
  });
  readonly #stream = new StreamController(this, {
    address: () => this.#serverAddress,
    initialParams: () => this.#rooms.initialParams,
    link: () => this.#rooms.link,
  });
  readonly #gallery = new StudioGallery(this, (text) => this.#notice.show(text, 'sketch'));
  readonly #actions = new StudioActions(this, {
    notify: (text) => this.#notice.show(text, 'sketch'),
    keepPicture: () => this.#gallery.keepPicture(),
  });
  readonly #events = new StudioEvents(this);

  constructor() {
    super();
    this.addEventListener('keydown', this.#onKeydown);
    new StudioLanguage(this, (texts) => this.setLanguage(texts));
    new PageKeysController(this, this.#onKeydown);
    new FileDropController(this, (file) => this.#actions.take(file));
    new SourceController(this, () => (this.input === 'webcam' ? this.webcam : this.sketch)?.source);
    new ClientController(this, {
      // Only failures that no retry can fix are shown.
      streamerror: ({ detail }) => detail.retryable || this.#showFailure(detail),
      statechange: () => {
        this.#notice.clear('stream');
        this.#rooms.streamChanged();
      },
      params: () => this.#notice.clear('stream'),
    });
  }

  /** The connection; null before the first update and outside of the document. */
  get client(): StreamClient | null {
    return this.#stream.client;
  }

  /** The open room; null while the person draws alone. */
  get currentRoom(): Room | null {
    return this.#rooms.current;
  }

  /**
   * Shows the people in the room and the links for inviting others. Outside of a room it first makes one of the drawing.
   * The event `up-share` has the links.
   */
  async share(): Promise<void> {
    await this.updateComplete;
    if (this.room === '') await this.#rooms.create();
    await this.updateComplete;
    if (this.#events.tellShare(await this.#rooms.shareDetail())) await this.people?.show();
  }

  /** Leaves the room. The sheet becomes the person's own drawing. */
  leave(): void {
    this.#rooms.leave();
  }

  /** Does the same as the button under the picture. */
  async perform(command: ViewCommand): Promise<void> {
    await this.updateComplete;
    return this.#actions.perform(command);
  }

  /** Shows the table of keys. */
  async showHelp(): Promise<void> {
    await this.#gallery.load();
    await this.help.show();
  }

  protected override updated(changed: PropertyValues<this>): void {
    const isOtherPrompt = changed.get('prompt') !== undefined && this.client?.params.prompt !== this.prompt;
    if (isOtherPrompt) this.client?.setParams({ prompt: this.prompt });
    this.#keep.updated(changed);
    if (changed.has('tokenProvider') && this.client?.state.status === 'ended') this.client.retryNow();
  }

  override render(): TemplateResult {
    const { client, strings } = this;
    return html`
      ${renderExtent(EXTENT)}
      <div class="frame">
        <div class="bar" part="bar">
          <slot name="brand"></slot>
          <underpaint-status
            part="status"
            .client=${client}
            .strings=${strings}
            ?hidden=${!this.#features.has('status')}
          ></underpaint-status>
          ${renderEntries(strings, {
            features: this.#features,
            current: this.input,
            isWatching: this.#rooms.isWatching,
            canTake: (input) => mayTake(input, this.currentRoom),
            onInput: (input) => this.choose('input', input),
            drawings: this.#gallery.renderButton(),
            room: this.#rooms.render(),
            onHelp: () => void this.showHelp(),
          })}
          <slot name="bar"></slot>
        </div>
        ${this.#rooms.renderLost()} ${this.#renderDesk()}
      </div>
      ${this.#gallery.renderDialog()}
      <underpaint-help .shortcuts=${ALL_SHORTCUTS} .strings=${strings}></underpaint-help>
    `;
  }

  #renderDesk(): TemplateResult {
    const parts = this.#parts;
    const ratio = parts.shape.width / parts.shape.height;
    const isOver = this.view === 'overlay' || this.view === 'split';
    return html`<div class="desk ${this.view}" .style=${`--_blend: ${this.blend / 100}; --_ratio: ${ratio}`}>
      ${this.#renderSketch()} ${renderWebcam(this.input, { ...parts, load: this.#actions.loadWebcam })}
      ${renderPicture({
        ...parts,
        transform: isOver ? this.sketch?.transform : 'none',
        onPicture: this.#viewOnPicture,
      })}
      ${this.view === 'split' ? renderSplit(this.#blend, () => this.result.getBoundingClientRect()) : nothing}
      ${this.#renderTools()}
      ${renderControls(parts, {
        studio: this,
        features: this.#features,
        isReadonly: !this.#rooms.canEdit,
        server: this.#serverAddress,
        onParams: this.#controlsOnParams,
        onIdea: this.#actions.takeIdea,
      })}
      ${renderNotice(this.#notice.text)}
    </div>`;
  }

  #renderSketch(): TemplateResult {
    return renderSketch({
      sheet: this.#sheet,
      strings: this.strings,
      room: this.currentRoom,
      roomKey: this.room,
      isHidden: this.input !== 'sketch',
      starter: this.starter,
      autosave: this.autosave,
      details: this.#keep.details,
      onPaint: this.#sketchOnPaint,
      onViewport: () => this.requestUpdate(),
      onSheet: (sheet) => this.#keep.onSheet(sheet),
      onNotice: (event) => {
        // The page gets the studio's own event.
        event.stopPropagation();
        this.#notice.show(event.detail, 'sketch');
      },
      onParamsAgain: ({ params }) => this.client?.setParams(params),
    });
  }

  #renderTools(): TemplateResult {
    return renderTools({
      ...this.#parts,
      view: this.view,
      hasPicture: this.hasPicture,
      features: this.#features,
      results: this.#gallery.results,
      canEdit: this.#rooms.canEdit,
      blend: this.view === 'overlay' ? renderBlend(this.#blend) : nothing,
      onView: (view) => this.choose('view', view),
      onCommand: (command) => void this.perform(command),
      onResult: this.#gallery.onResult,
    });
  }

  get #serverAddress(): string {
    return this.server || UnderpaintStudio.defaultServer;
  }

  get #features(): ReadonlySet<Feature> {
    return featuresOf(this.features);
  }

  get #blend(): BlendParts {
    return { label: this.strings.blend, blend: this.blend, onBlend: (blend) => (this.blend = blend) };
  }

  get #parts() {
    return { strings: this.strings, shape: this.#sheet.shape, client: this.client };
  }

  get #sheet(): Sheet {
    return sheetOf(this.client?.welcome?.model);
  }

  /** In a room, the room decides whether this member uploads the repainted drawing. */
  #sketchOnPaint = (): void => {
    this.#events.tellDrawing();
    if (this.currentRoom !== null) this.currentRoom.painted(this.sketch);
    else if (this.input === 'sketch') this.client?.changed();
  };

  #showFailure(failure: StreamFailure): void {
    const stays = this.client?.state.status === 'ended';
    this.#notice.show(failureInWords(failure, this.strings), subjectOf(failure), { stays });
  }

  #controlsOnParams = (): void => {
    this.#events.tellParams();
    this.#keep.touch();
  };

  #viewOnPicture = (): void => {
    this.hasPicture = true;
    this.#gallery.shown();
    this.dispatchEvent(new CustomEvent('up-picture', { detail: this.result.picture }));
  };

  #onKeydown = (event: KeyboardEvent): void => runStudioShortcut(event, this);
}

declare global {
  interface HTMLElementTagNameMap {
    'underpaint-studio': UnderpaintStudio;
  }
}
