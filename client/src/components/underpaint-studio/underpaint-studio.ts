import type { ParamsPatch } from '@underpaint/shared';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { ClientController } from '../../controllers/client-controller.js';
import { FileDropController } from '../../controllers/file-drop-controller.js';
import { NoticeController, subjectOf, type NoticeSubject } from '../../controllers/notice-controller.js';
import { PageKeysController } from '../../controllers/page-keys-controller.js';
import { PresenterController } from '../../controllers/presenter-controller.js';
import { RoomController } from '../../controllers/room-controller.js';
import { SourceController } from '../../controllers/source-controller.js';
import { StreamController } from '../../controllers/stream-controller.js';
import { Drawing } from '../../drawing/drawing.js';
import { sheetOf, type Sheet } from '../../drawing/sheet.js';
import type { Room } from '../../room/room.js';
import type { TokenProvider } from '../../stream/handshake.js';
import type { StreamClient } from '../../stream/stream-client.js';
import { SKETCH_SHORTCUTS } from '../shortcuts.js';
import { DEFAULT_STRINGS, type Strings } from '../strings.js';
import { theme } from '../theme.styles.js';
import type { UnderpaintHelp } from '../underpaint-help/underpaint-help.js';
import type { UnderpaintRoom } from '../underpaint-room/underpaint-room.js';
import type { UnderpaintSketch } from '../underpaint-sketch/underpaint-sketch.js';
import type { UnderpaintView } from '../underpaint-view/underpaint-view.js';
import { VIEWS, type View, type ViewCommand } from '../underpaint-viewbar/underpaint-viewbar.js';
import type { UnderpaintWebcam } from '../underpaint-webcam/underpaint-webcam.js';
import { StudioActions } from './studio-actions.js';
import {
  mayTake,
  renderIconButton,
  renderInputs,
  renderCursors,
  renderNotice,
  renderRoom,
  type StudioInput,
} from './studio-parts.js';
import { renderBlend, renderSplit, type BlendParts } from './studio-blend.js';
import { renderPicture, renderTools, renderWebcam } from './studio-picture.js';
import { runStudioShortcut, STUDIO_SHORTCUTS } from './studio-shortcuts.js';
import { styles } from './underpaint-studio.styles.js';

/** Shown while a room is being opened. */
const CLOSED_SHEET = new Drawing({ isEditable: false });

/**
 * A whole studio: sketchpad or camera, live picture and controls, connected to a server.
 *
 * @fires {CustomEvent<void>} up-picture - a new picture is shown
 * @slot brand - content at the start of the top bar
 * @cssprop --underpaint-accent - colour of selected items and of actions
 * @cssprop --underpaint-on-accent - colour of text on the accent
 * @cssprop --underpaint-paper - colour of the page
 * @cssprop --underpaint-surface - colour of panels and fields
 * @cssprop --underpaint-raised - colour of frames and of hovered items
 * @cssprop --underpaint-line - colour of borders
 * @cssprop --underpaint-text - colour of text
 * @cssprop --underpaint-muted - colour of secondary text
 * @cssprop --underpaint-font - font family
 * @cssprop --underpaint-radius - corner radius of frames
 * @cssprop --underpaint-stage-max - largest width of the canvas and of the picture, at least 364px
 */
export class UnderpaintStudio extends LitElement {
  static override styles = [theme, styles];

  /** The address of a studio without `server`: beside the page, or where the single-file bundle came from. */
  static defaultServer = './';

  /** Address of the service, such as `https://example.org/` or `wss://example.org/ws`; a relative one starts at the page. */
  @property() server = '';
  /** The first prompt. */
  @property() prompt = '';
  /** Starts with a drawing of a landscape instead of an empty sketch. */
  @property({ type: Boolean }) starter = false;
  /** Saves the drawing in this browser under this name. */
  @property() autosave = '';
  /** The key of a room to draw in with other people. Without it, a key in the page's address (`#room=KEY`) is used. */
  @property() room = '';
  /** The person's name in rooms. Without it, the name used last in this browser. */
  @property() person = '';
  /** `side`, `overlay`, `split` or `result`. */
  @property({ reflect: true }) view: View = 'side';
  /** `sketch` or `webcam`. */
  @property({ reflect: true }) input: StudioInput = 'sketch';
  /** Handles keys also while nothing on the page has the focus. For pages with little else on them. */
  @property({ type: Boolean, attribute: 'page-keys' }) pageKeys = false;
  /** Called for a token before every connection. */
  @property({ attribute: false }) tokenProvider: TokenProvider | null = null;
  /** The texts of the element: `DEFAULT_STRINGS` with some replaced. */
  @property({ attribute: false }) strings: Strings = DEFAULT_STRINGS;

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
  @state() private blend = 50;

  readonly #notice = new NoticeController(this);
  readonly #rooms = new RoomController(this, {
    load: () => import('../rooms.js'),
    copyTo: (drawing) => this.sketch.copyTo(drawing),
    params: () => this.client?.params ?? {},
    onFailure: () => this.#notice.show(this.strings.roomFailed, 'room'),
  });
  readonly #stream = new StreamController(this, {
    address: () => this.server || UnderpaintStudio.defaultServer,
    initialParams: () => this.#initialParams,
    link: () => (this.#rooms.isOpening ? undefined : (this.#rooms.room?.link ?? null)),
  });
  readonly #actions = new StudioActions(this, (text) => this.#notice.show(text, 'sketch'));

  constructor() {
    super();
    this.addEventListener('keydown', this.#onKeydown);
    new PageKeysController(this, this.#onKeydown);
    new FileDropController(this, (file) => this.#actions.take(file));
    new SourceController(this, () => (this.input === 'webcam' ? this.webcam : this.sketch)?.source);
    new PresenterController(this, {
      onView: (view) => (this.view = VIEWS.find((known) => known === view) ?? this.view),
      onHandOver: () => this.#notice.show(this.strings.handedToYou, 'room'),
    });
    new ClientController(this, {
      // Only failures that no retry can fix are shown.
      streamerror: ({ detail }) => detail.retryable || this.#notice.show(detail.message, subjectOf(detail)),
      statechange: () => this.#notice.clear('stream'),
      params: () => this.#notice.clear('stream'),
    });
  }

  /** The connection; null before the first update and outside of the document. */
  get client(): StreamClient | null {
    return this.#stream.client;
  }

  /** The open room; null while the person draws alone. */
  get currentRoom(): Room | null {
    return this.#rooms.room;
  }

  /** Shows the people in the room and the links for inviting others. Outside of a room it first makes one of the drawing. */
  async share(): Promise<void> {
    await this.updateComplete;
    if (this.room === '') await this.#rooms.create();
    await this.updateComplete;
    await this.people?.show();
  }

  /** Leaves the room and returns to the person's own drawing. */
  leave(): void {
    this.#notice.clear('room');
    this.#rooms.leave();
  }

  /** Does the same as the button under the picture. */
  async perform(command: ViewCommand): Promise<void> {
    await this.updateComplete;
    return this.#actions.perform(command);
  }

  /** Shows the table of keys. */
  async showHelp(): Promise<void> {
    await Promise.all([this.updateComplete, import('../hands.js')]);
    await this.help.show();
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.get('prompt') !== undefined) this.client?.setParams({ prompt: this.prompt });
    if (changed.has('tokenProvider') && this.client?.state.status === 'ended') this.client.retryNow();
  }

  override render(): TemplateResult {
    const { client, strings } = this;
    const shortcuts = [...STUDIO_SHORTCUTS, ...SKETCH_SHORTCUTS];
    return html`
      <div class="bar">
        <slot name="brand"></slot>
        <underpaint-status .client=${client} .strings=${strings}></underpaint-status>
        ${renderInputs(strings, {
          current: this.input,
          canTake: (input) => mayTake(input, this.currentRoom),
          onInput: (input) => (this.input = input),
        })}
        ${this.#renderRoom()} ${renderIconButton('help', { label: strings.keys, onClick: () => void this.showHelp() })}
      </div>
      ${this.#renderDesk()}
      <underpaint-help .shortcuts=${shortcuts} .strings=${strings}></underpaint-help>
    `;
  }

  #renderDesk(): TemplateResult {
    const { client, strings } = this;
    const parts = this.#parts;
    const ratio = parts.shape.width / parts.shape.height;
    const isOver = this.view === 'overlay' || this.view === 'split';
    return html`<div class="desk ${this.view}" .style=${`--_blend: ${this.blend / 100}; --_ratio: ${ratio}`}>
      ${this.#renderSketch()} ${renderWebcam(this.input, parts)}
      ${renderPicture({
        ...parts,
        transform: isOver ? this.sketch?.transform : 'none',
        onPicture: this.#viewOnPicture,
      })}
      ${this.view === 'split' ? renderSplit(this.#blend, () => this.result.getBoundingClientRect()) : nothing}
      ${this.#renderTools()}
      <underpaint-controls
        .client=${client}
        .strings=${strings}
        ?inert=${this.currentRoom?.canEdit === false}
      ></underpaint-controls>
      ${renderNotice(this.#notice.text)}
    </div>`;
  }

  #renderRoom(): TemplateResult {
    return renderRoom(this.strings, {
      room: this.currentRoom,
      isOffered: this.room === '' && this.client?.welcome?.features.includes('rooms') === true,
      onShare: () => void this.share(),
      onLeave: () => this.leave(),
      onNotice: this.#onNotice('room'),
    });
  }

  #renderSketch(): TemplateResult {
    const { shape, ground, palette } = this.#sheet;
    const { currentRoom, strings } = this;
    return html`<underpaint-sketch
      class="source"
      .shape=${shape}
      .ground=${ground}
      .palette=${palette}
      .strings=${strings}
      ?hidden=${this.input !== 'sketch'}
      ?starter=${this.starter}
      autosave=${this.autosave}
      .drawing=${this.room === '' ? null : (currentRoom?.drawing ?? CLOSED_SHEET)}
      @up-sketch=${this.#sketchOnPaint}
      @up-viewport=${() => this.requestUpdate()}
      @up-notice=${this.#onNotice('sketch')}
      >${currentRoom === null ? nothing : renderCursors(currentRoom, strings)}</underpaint-sketch
    >`;
  }

  #renderTools(): TemplateResult {
    return renderTools({
      ...this.#parts,
      view: this.view,
      hasPicture: this.hasPicture,
      snapshots: this.#actions.snapshots,
      blend: this.view === 'overlay' ? renderBlend(this.#blend) : nothing,
      onView: (view) => (this.view = view),
      onCommand: (command) => void this.perform(command),
      onSnapshot: (snapshot) => this.#actions.goBackTo(snapshot),
    });
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

  get #initialParams(): ParamsPatch {
    if (this.room !== '') return this.#rooms.initialParams;
    return this.prompt === '' ? {} : { prompt: this.prompt };
  }

  /** In a room, the room decides whether this member uploads the repainted drawing. */
  #sketchOnPaint = (): void => {
    if (this.currentRoom !== null) this.currentRoom.painted(this.sketch);
    else if (this.input === 'sketch') this.client?.changed();
  };

  #onNotice(subject: NoticeSubject): (event: CustomEvent<string>) => void {
    return (event) => this.#notice.show(event.detail, subject);
  }

  #viewOnPicture = (): void => {
    this.hasPicture = true;
    this.dispatchEvent(new CustomEvent('up-picture'));
  };

  #onKeydown = (event: KeyboardEvent): void => runStudioShortcut(event, this);
}

declare global {
  interface HTMLElementTagNameMap {
    'underpaint-studio': UnderpaintStudio;
  }
}
