import type { ReactiveController, ReactiveControllerHost } from 'lit';

export type CameraSource = 'camera' | 'screen' | 'file';
/** Why there is no picture: plain http, not allowed, no such device, in use elsewhere, a browser without it, an unreadable file. */
export type CameraFailure = 'insecure' | 'denied' | 'missing' | 'busy' | 'unsupported' | 'unreadable';

export type CameraState =
  | { readonly status: 'off' }
  | { readonly status: 'starting' }
  | { readonly status: 'on'; readonly from: CameraSource }
  | { readonly status: 'failed'; readonly failure: CameraFailure };

/** Which camera of a phone: the one toward the person, or the one away. */
export type Facing = 'user' | 'environment';

interface CameraHost extends ReactiveControllerHost {
  readonly video: HTMLVideoElement;
  readonly facing: Facing;
}

const CAMERA: MediaTrackConstraints = { width: { ideal: 640 }, height: { ideal: 640 } };

/** Owns a camera, a shared screen or a film, and shows it on the host's video. Leaving the page lets go of it. */
export class CameraController implements ReactiveController {
  readonly #host: CameraHost;
  #state: CameraState = { status: 'off' };
  #stream: MediaStream | null = null;
  #fileUrl: string | null = null;
  #turn = 0;
  #cameras = 0;

  constructor(host: CameraHost) {
    this.#host = host;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.stop();
  }

  get state(): CameraState {
    return this.#state;
  }

  /** How many cameras there are to choose from; 0 before one was allowed. */
  get cameras(): number {
    return this.#cameras;
  }

  /** @param file the film, when `from` is `file` */
  async start(from: CameraSource, file?: Blob): Promise<void> {
    this.stop();
    const turn = ++this.#turn;
    this.#become({ status: 'starting' });
    try {
      if (from === 'file') await this.#play(file!);
      else await this.#show(await ask(from, this.#host.facing), turn);
      if (from === 'camera') this.#cameras = await countCameras();
      if (turn === this.#turn) this.#become({ status: 'on', from });
    } catch (error) {
      if (turn !== this.#turn) return;
      this.stop();
      this.#become({ status: 'failed', failure: from === 'file' ? 'unreadable' : failureOf(error) });
    }
  }

  stop(): void {
    this.#turn += 1;
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    if (this.#fileUrl !== null) URL.revokeObjectURL(this.#fileUrl);
    this.#fileUrl = null;
    const { video } = this.#host;
    if (video !== null) {
      video.srcObject = null;
      video.removeAttribute('src');
    }
    this.#become({ status: 'off' });
  }

  async #show(stream: MediaStream, turn: number): Promise<void> {
    if (turn !== this.#turn) {
      for (const track of stream.getTracks()) track.stop();
      return;
    }
    this.#stream = stream;
    stream.getVideoTracks()[0]?.addEventListener('ended', () => this.stop());
    this.#host.video.srcObject = stream;
    await this.#host.video.play();
  }

  async #play(file: Blob): Promise<void> {
    this.#fileUrl = URL.createObjectURL(file);
    this.#host.video.loop = true;
    this.#host.video.src = this.#fileUrl;
    await this.#host.video.play();
  }

  #become(state: CameraState): void {
    this.#state = state;
    this.#host.requestUpdate();
  }
}

async function countCameras(): Promise<number> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter(({ kind }) => kind === 'videoinput').length;
}

function ask(from: 'camera' | 'screen', facingMode: Facing): Promise<MediaStream> {
  if (navigator.mediaDevices === undefined) {
    // Browsers hide cameras from pages that came over plain http.
    throw new DOMException('no media devices', isSecureContext ? 'NotSupportedError' : 'SecurityError');
  }
  return from === 'camera'
    ? navigator.mediaDevices.getUserMedia({ video: { ...CAMERA, facingMode } })
    : navigator.mediaDevices.getDisplayMedia({ video: true });
}

/** Names of exceptions: W3C Media Capture and Streams, "getUserMedia()". */
function failureOf(error: unknown): CameraFailure {
  switch (error instanceof Error ? error.name : '') {
    case 'SecurityError':
      return 'insecure';
    case 'NotAllowedError':
      return 'denied';
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
