import { AttachedController, type AttachedHost } from './attached-controller.js';

export type CameraSource = 'camera' | 'screen' | 'file';
/**
 * Why there is no picture: plain http, no permission, a site that blocks it, no device, a device in use, an old browser, an
 * unreadable file.
 */
type CameraFailure = 'insecure' | 'denied' | 'blocked' | 'missing' | 'busy' | 'unsupported' | 'unreadable';

export type CameraState =
  | { readonly status: 'off' }
  | { readonly status: 'starting' }
  /** `isPaused`: the system gives no pictures at the moment, as iOS does while another program uses the camera. */
  | { readonly status: 'on'; readonly from: CameraSource; readonly isPaused: boolean }
  | { readonly status: 'failed'; readonly from: CameraSource; readonly failure: CameraFailure };

/** Which camera of a phone: the front one (`user`) or the back one. */
export type Facing = 'user' | 'environment';

interface CameraHost extends AttachedHost {
  /** Null before the first update. */
  readonly video: HTMLVideoElement | null;
  readonly facing: Facing;
  /** Starts the camera when the host enters the document. */
  readonly autostart: boolean;
}

/** What the `allow` attribute of a frame calls the sources. */
export const PERMISSIONS = { camera: 'camera', screen: 'display-capture' } as const;

const CAMERA: MediaTrackConstraints = { width: { ideal: 640 }, height: { ideal: 640 } };

/**
 * Owns a camera, a shared screen or a film, and shows it on the host's video. It stops when the host leaves the document. A
 * video that the browser paused while the page was hidden goes on when the page is shown again.
 */
export class CameraController extends AttachedController<CameraHost> {
  #state: CameraState = { status: 'off' };
  #stream: MediaStream | null = null;
  #fileUrl: string | null = null;
  #turn = 0;
  #cameras = 0;
  #hasAutostarted = false;

  get state(): CameraState {
    return this.#state;
  }

  /** Number of cameras to choose from; 0 before the person allowed one. */
  get cameras(): number {
    return this.#cameras;
  }

  /** @param file the film, when `from` is `file` */
  async start(from: CameraSource, file?: Blob): Promise<void> {
    const { video } = this.host;
    if (video === null || !this.isAttached) return;
    this.stop();
    const turn = ++this.#turn;
    this.#become({ status: 'starting' });
    try {
      if (from === 'file') await this.#play(video, file!);
      else await this.#show(video, { stream: await ask(from, this.host.facing), turn });
      if (from === 'camera') this.#cameras = await countCameras();
      if (turn === this.#turn) this.#become({ status: 'on', from, isPaused: this.#isMuted });
    } catch (error) {
      if (turn !== this.#turn) return;
      this.stop();
      this.#become({ status: 'failed', from, failure: from === 'file' ? 'unreadable' : failureOf(error, from) });
    }
  }

  stop(): void {
    this.#turn += 1;
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    if (this.#fileUrl !== null) URL.revokeObjectURL(this.#fileUrl);
    this.#fileUrl = null;
    const { video } = this.host;
    if (video !== null) {
      video.srcObject = null;
      video.removeAttribute('src');
    }
    this.#become({ status: 'off' });
  }

  protected override afterUpdate(): void {
    if (!this.host.autostart || this.#hasAutostarted) return;
    this.#hasAutostarted = true;
    void this.start('camera');
  }

  /** Browsers pause a video that is moved. */
  protected override moved(): void {
    if (this.#state.status === 'on') void this.host.video?.play();
  }

  protected override attached(): void {
    document.addEventListener('visibilitychange', this.#resume);
    globalThis.addEventListener('pageshow', this.#resume);
  }

  protected override detached(): void {
    document.removeEventListener('visibilitychange', this.#resume);
    globalThis.removeEventListener('pageshow', this.#resume);
    this.#hasAutostarted = false;
    this.stop();
  }

  get #track(): MediaStreamTrack | undefined {
    return this.#stream?.getVideoTracks()[0];
  }

  get #isMuted(): boolean {
    return this.#track?.muted === true;
  }

  #resume = (): void => {
    if (this.#state.status !== 'on' || document.visibilityState === 'hidden') return;
    // iOS may have ended the camera without an event.
    if (this.#track?.readyState === 'ended') return this.stop();
    void this.host.video?.play().catch(() => undefined);
    this.#trackOnMute();
  };

  #trackOnMute = (): void => {
    const isPaused = this.#isMuted;
    if (this.#state.status === 'on' && isPaused !== this.#state.isPaused) this.#become({ ...this.#state, isPaused });
  };

  async #show(
    video: HTMLVideoElement,
    { stream, turn }: { readonly stream: MediaStream; readonly turn: number },
  ): Promise<void> {
    if (turn !== this.#turn) {
      for (const track of stream.getTracks()) track.stop();
      return;
    }
    this.#stream = stream;
    const track = this.#track;
    track?.addEventListener('ended', () => track === this.#track && this.stop());
    for (const name of ['mute', 'unmute']) track?.addEventListener(name, () => track === this.#track && this.#resume());
    video.srcObject = stream;
    await video.play();
  }

  async #play(video: HTMLVideoElement, file: Blob): Promise<void> {
    this.#fileUrl = URL.createObjectURL(file);
    video.loop = true;
    video.src = this.#fileUrl;
    await video.play();
  }

  #become(state: CameraState): void {
    this.#state = state;
    this.host.requestUpdate();
  }
}

async function countCameras(): Promise<number> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter(({ kind }) => kind === 'videoinput').length;
}

function ask(from: 'camera' | 'screen', facingMode: Facing): Promise<MediaStream> {
  if (navigator.mediaDevices === undefined) {
    // Browsers give pages over plain http no `mediaDevices`.
    throw new DOMException('no media devices', isSecureContext ? 'NotSupportedError' : 'SecurityError');
  }
  return from === 'camera'
    ? navigator.mediaDevices.getUserMedia({ video: { ...CAMERA, facingMode } })
    : navigator.mediaDevices.getDisplayMedia({ video: true });
}

/** Names of exceptions: W3C Media Capture and Streams, "getUserMedia()". */
function failureOf(error: unknown, from: 'camera' | 'screen'): CameraFailure {
  switch (error instanceof Error ? error.name : '') {
    case 'SecurityError':
      return 'insecure';
    case 'NotAllowedError':
      return mayAsk(PERMISSIONS[from]) ? 'denied' : 'blocked';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'unsupported';
  }
}

/** Only Chromium tells a page what the pages around it allow. It throws the same exception as for a person who says no. */
function mayAsk(permission: string): boolean {
  const { featurePolicy } = document as { featurePolicy?: { allowsFeature(name: string): boolean } };
  return featurePolicy?.allowsFeature(permission) ?? true;
}
