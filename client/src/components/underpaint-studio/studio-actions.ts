import type { StreamClient } from '../../stream/stream-client.js';
import type { SaveCommand } from '../save-command.js';
import type { StudioStrings } from '../strings/studio.js';
import type { ChosenIdea } from '../underpaint-controls/underpaint-controls.js';
import type { UnderpaintSketch } from '../underpaint-sketch/underpaint-sketch.js';
import type { UnderpaintView } from '../underpaint-view/underpaint-view.js';
import type { ViewCommand } from '../underpaint-viewbar/underpaint-viewbar.js';
import type { UnderpaintWebcam } from '../underpaint-webcam/underpaint-webcam.js';

interface ActionTarget {
  choose(name: 'input', value: 'sketch'): void;
  requestUpdate(): void;
  readonly client: StreamClient | null;
  readonly sketch: UnderpaintSketch;
  readonly webcam: UnderpaintWebcam | null;
  readonly result: UnderpaintView;
  readonly strings: StudioStrings;
  readonly renderRoot: HTMLElement | DocumentFragment;
}

/** The actions on the picture. */
export class StudioActions {
  readonly #studio: ActionTarget;
  readonly #notify: (text: string) => void;
  readonly #keepPicture: () => Promise<void>;

  /** @param options `notify` tells the person that something failed */
  constructor(
    studio: ActionTarget,
    { notify, keepPicture }: { notify: (text: string) => void; keepPicture: () => Promise<void> },
  ) {
    this.#studio = studio;
    this.#notify = notify;
    this.#keepPicture = keepPicture;
  }

  /** Does nothing if the action needs a picture and there is none. */
  async perform(command: ViewCommand): Promise<void> {
    const { client, result, sketch } = this.#studio;
    if (command === 'freeze') return this.#freeze();
    if (isSave(command)) return this.#save(command);
    const { picture } = result;
    if (picture === null || client === null) return;
    switch (command) {
      case 'snapshot':
        return this.#keepPicture();
      case 'reuse':
        this.#studio.choose('input', 'sketch');
        return sketch.addPicture(picture);
      case 'fullscreen':
        return result.requestFullscreen();
    }
  }

  /** The camera becomes the source in the update after its code has arrived. */
  loadWebcam = (): void => {
    const loading = import('../webcam.js').then(() => this.#studio.requestUpdate());
    loading.catch(() => this.#notify(this.#studio.strings.notLoaded));
  };

  /** Uses a file: as a film if the camera is shown, otherwise as a picture on the sketch. */
  take(file: File): void {
    const { webcam, sketch } = this.#studio;
    if (file.name.endsWith('.underpaint')) return void this.#open(file);
    if (webcam !== null && file.type.startsWith('video/')) {
      return void customElements.whenDefined('underpaint-webcam').then(() => webcam.start('file', file));
    }
    this.#studio.choose('input', 'sketch');
    void sketch.placePicture(file);
  }

  /** Puts the sketch of an idea on the sheet, in place of the drawing. The controls have sent its words and settings. */
  takeIdea = ({ drawing, params }: ChosenIdea): void => {
    this.#studio.choose('input', 'sketch');
    void this.#studio.sketch.restore(drawing, params);
  };

  async #save(command: SaveCommand): Promise<void> {
    try {
      const { runSave, saveTargetOf } = await import('../hands.js');
      await runSave(command, saveTargetOf(this.#studio));
    } catch {
      this.#notify(this.#studio.strings[command === 'openDrawing' ? 'badDrawing' : 'saveFailed']);
    }
  }

  async #open(file: File): Promise<void> {
    try {
      const { openFile, saveTargetOf } = await import('../hands.js');
      await openFile(file, saveTargetOf(this.#studio));
    } catch {
      this.#notify(this.#studio.strings.badDrawing);
    }
  }

  #freeze(): void {
    const { client } = this.#studio;
    if (client !== null) client.frozen = !client.frozen;
  }
}

function isSave(command: ViewCommand): command is SaveCommand {
  return !['freeze', 'snapshot', 'reuse', 'fullscreen'].includes(command);
}
