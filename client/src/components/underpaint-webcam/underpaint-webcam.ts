import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { property, query } from 'lit/decorators.js';
import { CameraController, type CameraSource, type Facing } from '../../controllers/camera-controller.js';
import { pictureSource, type FrameSource } from '../../stream/picture-source.js';
import { icon } from '../icons.js';
import { DEFAULT_STRINGS, type Strings } from '../strings.js';
import { theme } from '../theme.styles.js';
import { styles } from './underpaint-webcam.styles.js';

const SOURCES: readonly CameraSource[] = ['camera', 'screen', 'file'];

/**
 * A camera, a shared screen or a film as the source of a stream.
 *
 * @csspart stage - the frame around the video
 * @csspart video - the video
 */
export class UnderpaintWebcam extends LitElement {
  static override styles = [theme, styles];

  /** Starts the camera when the element enters the page. */
  @property({ type: Boolean }) autostart = false;
  /** Which camera of a phone: `user`, the one toward the person, or `environment`. */
  @property() facing: Facing = 'user';
  /** Shows and sends the camera toward the person as a mirror does; nothing else. */
  @property({ type: Boolean }) mirrored = false;
  /** The model's picture, of which the ratio counts. */
  @property({ attribute: false }) shape: { readonly width: number; readonly height: number } = {
    width: 256,
    height: 256,
  };
  /** The words it shows and says; `DEFAULT_STRINGS` with some replaced. */
  @property({ attribute: false }) strings: Strings = DEFAULT_STRINGS;

  /** The video that shows the source. */
  @query('video') readonly video!: HTMLVideoElement;

  readonly #camera = new CameraController(this);
  #source: FrameSource | null = null;

  /** Frames of what the video shows, as they come. */
  get source(): FrameSource {
    return (this.#source ??= pictureSource(this.video, { mirrored: () => this.#isMirror }));
  }

  /** Starts a source; without a file to play, `file` asks for one. What does not work is said in words on the element. */
  async start(from: CameraSource = 'camera', file?: Blob): Promise<void> {
    if (from === 'file' && file === undefined) return this.#chooseFile();
    await this.#camera.start(from, file);
  }

  /** What the video shows now, as a PNG file; transparent when there is nothing. */
  toBlob(): Promise<Blob> {
    const { videoWidth, videoHeight } = this.video;
    const context = new OffscreenCanvas(videoWidth || 1, videoHeight || 1).getContext('2d')!;
    if (this.#isMirror) context.setTransform(-1, 0, 0, 1, videoWidth, 0);
    if (videoWidth > 0) context.drawImage(this.video, 0, 0);
    return context.canvas.convertToBlob();
  }

  /** Lets go of the camera, the screen or the film. */
  stop(): void {
    this.#camera.stop();
  }

  protected override firstUpdated(): void {
    if (this.autostart) void this.start();
  }

  override render(): TemplateResult {
    const { state } = this.#camera;
    return html`
      <div class="stage" part="stage" .style=${`aspect-ratio: ${this.shape.width} / ${this.shape.height}`}>
        <video
          part="video"
          muted
          playsinline
          aria-label=${this.strings.camera}
          class=${this.#isMirror ? 'mirror' : ''}
          ?hidden=${state.status !== 'on'}
        ></video>
        ${state.status === 'on' ? nothing : this.#renderInvitation()}
      </div>
      <div class="sources" role="group" aria-label=${this.strings.cameraSources}>
        ${SOURCES.map((from) => this.#renderSource(from))}
        ${state.status === 'on' ? this.#renderCommands(state.from) : nothing}
      </div>
    `;
  }

  get #isMirror(): boolean {
    const { state } = this.#camera;
    return this.mirrored && this.facing === 'user' && state.status === 'on' && state.from === 'camera';
  }

  #renderInvitation(): TemplateResult {
    const { state } = this.#camera;
    const words = state.status === 'failed' ? this.strings.cameraFailure[state.failure] : this.strings.cameraInvitation;
    return html`<p role="status">${state.status === 'starting' ? this.strings.cameraStarting : words}</p>`;
  }

  #renderSource(from: CameraSource): TemplateResult {
    const { state } = this.#camera;
    return html`<button
      class="quiet"
      aria-pressed=${state.status === 'on' && state.from === from}
      aria-label=${this.strings[from]}
      title=${this.strings[from]}
      @click=${() => this.start(from)}
    >
      ${icon(from)}
    </button>`;
  }

  #renderCommands(from: CameraSource): TemplateResult {
    const canTurn = from === 'camera' && this.#camera.cameras > 1;
    return html`${canTurn ? this.#renderCommand('turn', () => this.#turn()) : nothing}
    ${this.#renderCommand('stop', () => this.stop())}`;
  }

  #renderCommand(name: 'turn' | 'stop', act: () => void): TemplateResult {
    return html`<button class="quiet" aria-label=${this.strings[name]} title=${this.strings[name]} @click=${act}>
      ${icon(name === 'turn' ? 'turn' : 'close')}
    </button>`;
  }

  #turn(): void {
    this.facing = this.facing === 'user' ? 'environment' : 'user';
    void this.start();
  }

  #chooseFile(): void {
    const input = document.createElement('input');
    input.type = 'file';
    input.accept = 'video/*';
    input.addEventListener('change', () => {
      const file = input.files?.[0];
      if (file !== undefined) void this.start('file', file);
    });
    input.click();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'underpaint-webcam': UnderpaintWebcam;
  }
}
