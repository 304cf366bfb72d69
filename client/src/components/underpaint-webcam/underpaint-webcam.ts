import { html, nothing, type TemplateResult } from 'lit';
import { property, query } from 'lit/decorators.js';
import { createContext, toBlob } from '../../canvas.js';
import {
  CameraController,
  PERMISSIONS,
  type CameraSource,
  type CameraState,
  type Facing,
} from '../../controllers/camera-controller.js';
import { SQUARE, type PictureShape } from '../../drawing/raster.js';
import { deferredSource, pictureSource, type PictureSource } from '../../stream/picture-source.js';
import { renderIconButton } from '../icon-button.js';
import { lateIcon } from '../late-icons.js';
import { extent, renderExtent } from '../extent.js';
import { CAMERA_STRINGS, type CameraStrings } from '../strings/camera.js';
import { TextElement } from '../text-element.js';
import { theme } from '../theme.styles.js';
import { styles } from './underpaint-webcam.styles.js';

const SOURCES: readonly CameraSource[] = ['camera', 'screen', 'file'];

/**
 * A camera, a shared screen or a film as the source of a stream.
 *
 * @fires {CustomEvent<Facing>} up-facing - the person chose the other camera of a phone
 * @csspart stage - the frame around the video
 * @csspart video - the video
 */
export class UnderpaintWebcam extends TextElement<CameraStrings> {
  static override styles = [theme, extent, styles];
  protected override readonly english = CAMERA_STRINGS;

  /** Starts the camera when the element enters the document. */
  @property({ type: Boolean }) autostart = false;
  /** Which camera of a phone: `user` for the front one, `environment` for the back one. */
  @property() facing: Facing = 'user';
  /** Mirrors the front camera, on the screen and in frames. */
  @property({ type: Boolean }) mirrored = false;
  /** The size of the model's pictures; only its aspect ratio counts. */
  @property({ attribute: false }) shape: PictureShape = SQUARE;

  /** The video that shows the source; null before the first update. */
  @query('video') readonly video!: HTMLVideoElement | null;

  readonly #camera = new CameraController(this);
  /** Every frame of the video. */
  readonly source: PictureSource = deferredSource(async () => this.#frames(await this.#rendered()));
  #videoFrames: PictureSource | null = null;

  /** Starts a source. `file` asks the person for a file if none is given. The element shows in words if it fails. */
  async start(from: CameraSource = 'camera', file?: Blob): Promise<void> {
    if (from === 'file' && file === undefined) return this.#chooseFile();
    if (!this.hasUpdated) await this.updateComplete;
    await this.#camera.start(from, file);
  }

  /** The current frame of the video as a PNG file; transparent if there is none. */
  async toBlob(): Promise<Blob> {
    const video = await this.#rendered();
    const { videoWidth, videoHeight } = video;
    const context = createContext(videoWidth || 1, videoHeight || 1);
    if (this.#isMirror) context.setTransform(-1, 0, 0, 1, videoWidth, 0);
    if (videoWidth > 0) context.drawImage(video, 0, 0);
    return toBlob(context.canvas);
  }

  /** Stops the camera, the screen or the film. */
  stop(): void {
    this.#camera.stop();
  }

  override render(): TemplateResult {
    const { state } = this.#camera;
    return html`
      <div class="stage" part="stage" .style=${`aspect-ratio: ${this.shape.width} / ${this.shape.height}`}>
        ${renderExtent()}
        <video
          part="video"
          muted
          playsinline
          aria-label=${this.strings.camera}
          class=${this.#isMirror ? 'mirror' : ''}
          ?hidden=${!this.#isShown}
        ></video>
        ${this.#isShown ? nothing : this.#renderInvitation()}
      </div>
      <div class="sources" role="group" aria-label=${this.strings.cameraSources}>
        ${SOURCES.map((from) => this.#renderSource(from))}
        ${state.status === 'on' ? this.#renderCommands(state.from) : nothing}
      </div>
    `;
  }

  async #rendered(): Promise<HTMLVideoElement> {
    await this.updateComplete;
    return this.video!;
  }

  #frames(video: HTMLVideoElement): PictureSource {
    return (this.#videoFrames ??= pictureSource(video, { mirrored: () => this.#isMirror }));
  }

  get #isMirror(): boolean {
    const { state } = this.#camera;
    return this.mirrored && this.facing === 'user' && state.status === 'on' && state.from === 'camera';
  }

  get #isShown(): boolean {
    const { state } = this.#camera;
    return state.status === 'on' && !state.isPaused;
  }

  #renderInvitation(): TemplateResult {
    return html`<p role="status">${this.#words}</p>`;
  }

  get #words(): string {
    const { state } = this.#camera;
    switch (state.status) {
      case 'off':
        return this.strings.cameraInvitation;
      case 'starting':
        return this.strings.cameraStarting;
      case 'on':
        return this.strings.cameraPaused;
      case 'failed':
        return this.#failureInWords(state);
    }
  }

  #failureInWords({ failure, from }: Extract<CameraState, { status: 'failed' }>): string {
    if (failure !== 'blocked') return this.strings.cameraFailure[failure];
    return this.strings.cameraBlocked(from === 'screen' ? PERMISSIONS.screen : PERMISSIONS.camera);
  }

  #renderSource(from: CameraSource): TemplateResult {
    const { state } = this.#camera;
    return renderIconButton({
      shape: lateIcon(from),
      label: this.strings[from],
      isPressed: state.status === 'on' && state.from === from,
      onClick: () => void this.start(from),
    });
  }

  #renderCommands(from: CameraSource): TemplateResult {
    const canTurn = from === 'camera' && this.#camera.cameras > 1;
    return html`${canTurn ? this.#renderCommand('turn', () => this.#turn()) : nothing}
    ${this.#renderCommand('stop', () => this.stop())}`;
  }

  #renderCommand(name: 'turn' | 'stop', onClick: () => void): TemplateResult {
    return renderIconButton({
      shape: lateIcon(name === 'turn' ? 'turn' : 'close'),
      label: this.strings[name],
      onClick,
    });
  }

  #turn(): void {
    this.facing = this.facing === 'user' ? 'environment' : 'user';
    this.dispatchEvent(new CustomEvent('up-facing', { detail: this.facing }));
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
  interface HTMLElementEventMap {
    'up-facing': CustomEvent<Facing>;
  }
}
