import type { ParamsPatch } from '@underpaint/shared';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { ClientController } from '../../controllers/client-controller.js';
import { PageKeysController } from '../../controllers/page-keys-controller.js';
import { PresenterController } from '../../controllers/presenter-controller.js';
import { RoomController } from '../../controllers/room-controller.js';
import { NoticeController } from '../../controllers/notice-controller.js';
import { StreamController } from '../../controllers/stream-controller.js';
import { Drawing } from '../../drawing/drawing.js';
import { DEFAULT_PALETTE } from '../../drawing/palette.js';
import type { Room } from '../../room/room.js';
import type { RoomLink } from '../../stream/room-link.js';
import type { StreamClient, TokenProvider } from '../../stream/stream-client.js';
import type { StreamClientEvents } from '../../stream/stream-events.js';
import { icon } from '../icons.js';
import { save } from '../save-file.js';
import { runShortcut, SKETCH_SHORTCUTS } from '../shortcuts.js';
import { DEFAULT_STRINGS, type Strings } from '../strings.js';
import { theme } from '../theme.styles.js';
import type { UnderpaintHelp } from '../underpaint-help/underpaint-help.js';
import type { UnderpaintRoom } from '../underpaint-room/underpaint-room.js';
import type { UnderpaintSketch } from '../underpaint-sketch/underpaint-sketch.js';
import type { Snapshot } from '../underpaint-snapshots/underpaint-snapshots.js';
import type { UnderpaintView } from '../underpaint-view/underpaint-view.js';
import { VIEWS, type View, type ViewCommand } from '../underpaint-viewbar/underpaint-viewbar.js';
import type { UnderpaintWebcam } from '../underpaint-webcam/underpaint-webcam.js';
import { STUDIO_SHORTCUTS } from './studio-shortcuts.js';
import { styles } from './underpaint-studio.styles.js';

const SQUARE = { width: 256, height: 256 };
const MAX_SNAPSHOTS = 12;
/** What is seen while a room is being opened. */
const NOTHING = new Drawing({ isEditable: false });

/** Where the frames come from. */
export type StudioInput = 'sketch' | 'webcam';

/**
 * A whole studio: sketchpad or camera, live picture and knobs, connected to a server.
 *
 * @fires {CustomEvent<void>} up-picture - another picture is shown
 * @slot brand - what stands at the left of the top line
 * @cssprop --underpaint-accent - colour of what is chosen and of what can be done
 * @cssprop --underpaint-on-accent - colour of what stands on the accent
 * @cssprop --underpaint-paper - colour behind everything
 * @cssprop --underpaint-surface - colour of panels and fields
 * @cssprop --underpaint-raised - colour of frames and of what is under the pointer
 * @cssprop --underpaint-line - colour of borders
 * @cssprop --underpaint-text - colour of text
 * @cssprop --underpaint-muted - colour of what matters less
 * @cssprop --underpaint-font - font family
 * @cssprop --underpaint-radius - roundness of frames
 * @cssprop --underpaint-stage-max - largest width of the canvas and of the picture, from 364px
 */
export class UnderpaintStudio extends LitElement {
  static override styles = [theme, styles];

  /** Where a studio connects that has no `server`: beside the page, or where the single-file bundle came from. */
  static defaultServer = './';

  /** Address of the service, as `https://example.org/` or `wss://example.org/ws`; relative ones are taken from the page's. */
  @property() server = '';
  /** The words to begin with. */
  @property() prompt = '';
  /** Begins with a drawing instead of an empty sketch. */
  @property({ type: Boolean }) starter = false;
  /** Keeps the drawing in this browser under this name. */
  @property() autosave = '';
  /** The key of a room to draw in with others. Without it, one in the page's address as `#room=KEY`. */
  @property() room = '';
  /** What the person is called in rooms; without it, as last time in this browser. */
  @property() person = '';
  /** `side`, `overlay`, `split` or `result`. */
  @property({ reflect: true }) view: View = 'side';
  /** `sketch` or `webcam`. */
  @property({ reflect: true }) input: StudioInput = 'sketch';
  /** Takes keys also while nothing on the page has the focus: for pages that hold little else. */
  @property({ type: Boolean, attribute: 'page-keys' }) pageKeys = false;
  /** Asked for a token before every connection. */
  @property({ attribute: false }) tokenProvider: TokenProvider | null = null;
  /** The words it shows and says; `DEFAULT_STRINGS` with some replaced. */
  @property({ attribute: false }) strings: Strings = DEFAULT_STRINGS;

  /** The sketchpad. */
  @query('underpaint-sketch') readonly sketch!: UnderpaintSketch;
  /** The camera; null while the sketch is the source. */
  @query('underpaint-webcam') readonly webcam!: UnderpaintWebcam | null;
  /** The picture. */
  @query('underpaint-view') readonly result!: UnderpaintView;
  @query('underpaint-room') private readonly people!: UnderpaintRoom | null;
  @query('underpaint-help') private readonly help!: UnderpaintHelp;

  @state() private snapshots: readonly Snapshot[] = [];
  @state() private hasPicture = false;
  /** Overlay: opacity of the picture; split: how much of the width is sketch. 0..100. */
  @state() private blend = 50;

  readonly #rooms = new RoomController(this, () => import('../rooms.js'));
  readonly #stream = new StreamController(this);
  readonly #notice = new NoticeController(this);

  constructor() {
    super();
    this.addEventListener('keydown', this.#onKeydown);
    new PageKeysController(this, this.#onKeydown);
    new PresenterController(this);
    new ClientController(this, ['streamerror'], this.#clientOnStreamError);
  }

  /** The connection; null while the element is not in a page. */
  get client(): StreamClient | null {
    return this.#stream.client;
  }

  /** @internal */
  get address(): string {
    return this.server || UnderpaintStudio.defaultServer;
  }

  /** @internal */
  get initialParams(): ParamsPatch {
    if (this.room !== '') return this.#rooms.initialParams;
    return this.prompt === '' ? {} : { prompt: this.prompt };
  }

  /** @internal */
  get roomLink(): RoomLink | null | undefined {
    return this.#rooms.isOpening ? undefined : this.#rooms.room;
  }

  /** The room that is open; null when the person draws alone. */
  get currentRoom(): Room | null {
    return this.#rooms.room;
  }

  /** @internal */
  lookAs(view: string): void {
    this.view = VIEWS.find((known) => known === view) ?? this.view;
  }

  /** @internal */
  notify(words: string): void {
    this.#notice.say(words);
  }

  /** Shows who is in the room and the links that let others in. Who draws alone gets a room first, with what is drawn. */
  async share(): Promise<void> {
    if (this.room === '') await this.#rooms.create();
    await this.updateComplete;
    this.people?.show();
  }

  /** Goes on alone, with what was drawn before the room. */
  leave(): void {
    this.#rooms.leave();
  }

  /** Does what the buttons under the picture do. */
  async perform(command: ViewCommand): Promise<void> {
    const { client, result, sketch } = this;
    const { picture } = result;
    if (command === 'freeze' && client !== null) client.frozen = !client.frozen;
    if (picture === null) return;
    switch (command) {
      case 'freeze':
        return;
      case 'snapshot':
        return this.#keep(picture);
      case 'reuse':
        this.input = 'sketch';
        return sketch.addPicture(picture);
      case 'fullscreen':
        return result.requestFullscreen();
      default:
        return save(command, picture, () => (this.webcam ?? sketch).toBlob());
    }
  }

  /** Shows the table of keys. */
  showHelp(): void {
    this.help.show();
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.get('prompt') !== undefined) this.client?.setParams({ prompt: this.prompt });
    if (changed.has('tokenProvider') && this.client?.state.status === 'ended') this.client.retryNow();
    void this.#connectSource();
  }

  override render(): TemplateResult {
    const { client, strings } = this;
    const shape = client?.welcome?.model ?? SQUARE;
    return html`
      <div class="bar">
        <slot name="brand"></slot>
        <underpaint-status .client=${client} .strings=${strings}></underpaint-status>
        ${this.#renderInputs()} ${this.#renderRoom()}
        <button class="quiet" aria-label=${strings.keys} title=${strings.keys} @click=${() => this.showHelp()}>
          ${icon('help')}
        </button>
      </div>
      <div class="desk ${this.view}" .style=${`--_blend: ${this.blend / 100}; --_ratio: ${shape.width / shape.height}`}>
        ${this.#renderSketch()} ${this.#renderWebcam()}
        <underpaint-view
          .client=${client}
          .shape=${shape}
          .strings=${strings}
          .transform=${this.#isOver ? this.sketch?.transform : 'none'}
          @up-picture=${this.#viewOnPicture}
        ></underpaint-view>
        ${this.view === 'split' ? this.#renderBlend() : nothing} ${this.#renderResultTools()}
        <underpaint-controls
          .client=${client}
          .strings=${strings}
          ?inert=${this.currentRoom?.canEdit === false}
        ></underpaint-controls>
      </div>
      <underpaint-help .shortcuts=${[...STUDIO_SHORTCUTS, ...SKETCH_SHORTCUTS]} .strings=${strings}></underpaint-help>
      <p class="notice" role="status">${this.#notice.words}</p>
    `;
  }

  #renderRoom(): TemplateResult {
    const { strings, currentRoom } = this;
    if (currentRoom !== null) {
      return html`<underpaint-room
        .room=${currentRoom}
        .strings=${strings}
        @up-notice=${this.#onNotice}
        @up-leave=${() => this.leave()}
      ></underpaint-room>`;
    }
    const isOffered = this.room === '' && this.client?.welcome?.features.includes('rooms') === true;
    return html`<button
      class="quiet"
      aria-label=${strings.share}
      title=${strings.share}
      aria-disabled=${!isOffered}
      @click=${() => isOffered && this.share()}
    >
      ${icon('share')}
    </button>`;
  }

  #renderInputs(): TemplateResult {
    const inputs = ['sketch', 'webcam'] as const;
    return html`<div class="inputs" role="group" aria-label=${this.strings.input}>
      ${inputs.map(
        (input) =>
          html`<button
            aria-pressed=${this.input === input}
            aria-disabled=${!this.#canTake(input)}
            @click=${() => this.#canTake(input) && (this.input = input)}
          >
            ${icon(input === 'sketch' ? 'stroke' : 'camera')}<span>${this.strings.inputs[input]}</span>
          </button>`,
      )}
    </div>`;
  }

  #renderSketch(): TemplateResult {
    const model = this.client?.welcome?.model;
    return html`<underpaint-sketch
      class="source"
      .shape=${model ?? SQUARE}
      .palette=${model?.palette.length ? model.palette : DEFAULT_PALETTE}
      .strings=${this.strings}
      ?hidden=${this.input !== 'sketch'}
      ?starter=${this.starter}
      autosave=${this.autosave}
      .drawing=${this.room === '' ? null : (this.currentRoom?.drawing ?? NOTHING)}
      @up-sketch=${this.#sketchOnPaint}
      @up-viewport=${() => this.requestUpdate()}
      @up-notice=${this.#onNotice}
      >${
        this.currentRoom === null
          ? nothing
          : html`<underpaint-cursors
              slot="over"
              .room=${this.currentRoom}
              .strings=${this.strings}
            ></underpaint-cursors>`
      }</underpaint-sketch
    >`;
  }

  #renderWebcam(): TemplateResult | typeof nothing {
    if (this.input !== 'webcam') return nothing;
    const shape = this.client?.welcome?.model ?? SQUARE;
    return html`<underpaint-webcam
      class="source"
      autostart
      mirrored
      .shape=${shape}
      .strings=${this.strings}
    ></underpaint-webcam>`;
  }

  #renderResultTools(): TemplateResult {
    return html`<div class="tools">
      <underpaint-viewbar
        .view=${this.view}
        .strings=${this.strings}
        .ready=${this.hasPicture}
        .frozen=${this.client?.frozen ?? false}
        @up-view=${(event: CustomEvent<View>) => (this.view = event.detail)}
        @up-view-command=${(event: CustomEvent<ViewCommand>) => this.perform(event.detail)}
      ></underpaint-viewbar>
      ${this.view === 'overlay' ? this.#renderBlend() : nothing}
      <underpaint-snapshots
        .snapshots=${this.snapshots}
        .strings=${this.strings}
        ?hidden=${this.snapshots.length === 0}
        @up-snapshot=${(event: CustomEvent<Snapshot>) => this.#goBackTo(event.detail)}
      ></underpaint-snapshots>
    </div>`;
  }

  /** How opaque the picture is, or the line where it begins. */
  #renderBlend(): TemplateResult {
    return html`<input
      type="range"
      class="blend"
      aria-label=${this.strings.blend}
      .value=${String(this.blend)}
      @input=${(event: InputEvent) => (this.blend = (event.target as HTMLInputElement).valueAsNumber)}
    />`;
  }

  /** Whether the picture lies over its source. */
  get #isOver(): boolean {
    return this.view === 'overlay' || this.view === 'split';
  }

  async #connectSource(): Promise<void> {
    const element = this.input === 'webcam' ? this.webcam : this.sketch;
    await element?.updateComplete;
    const { client } = this;
    if (client !== null && element && client.source !== element.source) client.source = element.source;
  }

  /** What another try may mend needs no words: it is tried. */
  #clientOnStreamError = (event: Event): void => {
    const { retryable, message } = (event as StreamClientEvents['streamerror']).detail;
    if (!retryable) this.#notice.say(message);
  };

  /** In a room it depends on whose change was painted whether it is uploaded from here. */
  #sketchOnPaint = (): void => {
    if (this.currentRoom !== null) this.currentRoom.painted(this.sketch);
    else if (this.input === 'sketch') this.client?.changed();
  };

  /** In a room one camera is shown at a time, and not that of somebody who watches. */
  #canTake(input: StudioInput): boolean {
    const room = this.currentRoom;
    return room === null || input === 'sketch' || room.isPresenter || (room.canEdit && room.presenter === null);
  }

  #onNotice = (event: CustomEvent<string>): void => this.notify(event.detail);

  #viewOnPicture = (): void => {
    this.hasPicture = true;
    this.dispatchEvent(new CustomEvent('up-picture'));
  };

  #keep(picture: Blob): void {
    const kept = { picture, params: this.client!.params, drawing: this.sketch.state };
    this.snapshots = [kept, ...this.snapshots].slice(0, MAX_SNAPSHOTS);
  }

  #goBackTo({ params, drawing }: Snapshot): void {
    this.client?.setParams(params);
    void this.sketch.restore(drawing);
  }

  #onKeydown = (event: KeyboardEvent): void => {
    if (!runShortcut(event, STUDIO_SHORTCUTS, this)) runShortcut(event, SKETCH_SHORTCUTS, this.sketch);
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'underpaint-studio': UnderpaintStudio;
  }
}
