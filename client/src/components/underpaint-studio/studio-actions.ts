import type { StreamClient } from '../../stream/stream-client.js';
import { save } from '../save-file.js';
import type { UnderpaintSketch } from '../underpaint-sketch/underpaint-sketch.js';
import type { Snapshot } from '../underpaint-snapshots/underpaint-snapshots.js';
import type { UnderpaintView } from '../underpaint-view/underpaint-view.js';
import type { ViewCommand } from '../underpaint-viewbar/underpaint-viewbar.js';
import type { UnderpaintWebcam } from '../underpaint-webcam/underpaint-webcam.js';

const MAX_SNAPSHOTS = 12;

interface ActionTarget {
  input: 'sketch' | 'webcam';
  readonly client: StreamClient | null;
  readonly sketch: UnderpaintSketch;
  readonly webcam: UnderpaintWebcam | null;
  readonly result: UnderpaintView;
  requestUpdate(): void;
}

/** The actions on the picture, and the snapshots that the person keeps. */
export class StudioActions {
  readonly #studio: ActionTarget;
  #snapshots: readonly Snapshot[] = [];

  constructor(studio: ActionTarget) {
    this.#studio = studio;
  }

  /** Newest first. */
  get snapshots(): readonly Snapshot[] {
    return this.#snapshots;
  }

  /** Does nothing if the action needs a picture and there is none. */
  async perform(command: ViewCommand): Promise<void> {
    const { client, result, sketch } = this.#studio;
    if (command === 'freeze') return this.#freeze();
    const { picture } = result;
    if (picture === null || client === null) return;
    switch (command) {
      case 'snapshot':
        return this.#keep({ picture, params: client.params, drawing: sketch.state });
      case 'reuse':
        this.#studio.input = 'sketch';
        return sketch.addPicture(picture);
      case 'fullscreen':
        return result.requestFullscreen();
      default:
        return save(command, picture, () => (this.#studio.webcam ?? sketch).toBlob());
    }
  }

  /** Brings back the drawing and the parameters of a snapshot. */
  goBackTo({ params, drawing }: Snapshot): void {
    this.#studio.client?.setParams(params);
    void this.#studio.sketch.restore(drawing);
  }

  /** Uses a file: as a film if the camera is shown, otherwise as a picture on the sketch. */
  take(file: File): void {
    const { webcam, sketch } = this.#studio;
    if (webcam !== null && file.type.startsWith('video/')) return void webcam.start('file', file);
    this.#studio.input = 'sketch';
    void sketch.placePicture(file);
  }

  #freeze(): void {
    const { client } = this.#studio;
    if (client !== null) client.frozen = !client.frozen;
  }

  #keep(snapshot: Snapshot): void {
    this.#snapshots = [snapshot, ...this.#snapshots].slice(0, MAX_SNAPSHOTS);
    this.#studio.requestUpdate();
  }
}
