import { EMPTY_DRAWING, type Drawing, type DrawingState } from '../drawing/drawing.js';
import { starterMarks } from '../drawing/starter.js';
import { AttachedController, type AttachedHost } from './attached-controller.js';
import { AutosaveController } from './autosave-controller.js';
import type { DrawingController } from './drawing-controller.js';

interface FirstDrawingHost extends AttachedHost {
  readonly autosave: string;
  readonly starter: boolean;
}

/**
 * Puts the first drawing on an untouched sheet: the saved one, or else the starter. A page may set either property late.
 * A saved drawing that arrives after the person has drawn replaces that as a step that undo takes back.
 */
export class FirstDrawingController extends AttachedController<FirstDrawingHost> {
  readonly #canvas: DrawingController;
  readonly #autosave: AutosaveController;
  #placed: Promise<void> = Promise.resolve();
  #shown: DrawingState = EMPTY_DRAWING;
  #name = '';
  #hasSaved = false;

  constructor(host: FirstDrawingHost, canvas: DrawingController) {
    super(host);
    this.#canvas = canvas;
    this.#autosave = new AutosaveController(host, canvas.own);
  }

  /** Settles when the first drawing is on the sheet. */
  get placed(): Promise<void> {
    return this.#placed;
  }

  protected override afterUpdate(): void {
    const { autosave, starter } = this.host;
    const isNewName = autosave !== this.#name;
    if (!isNewName && !(starter && this.#isBlank)) return;
    this.#name = autosave;
    this.#placed = this.#placed.then(() => this.#place(isNewName));
  }

  get #own(): Drawing {
    return this.#canvas.own;
  }

  get #isUntouched(): boolean {
    return this.#own.state === this.#shown && !this.#own.canUndo && !this.#own.canRedo;
  }

  get #isBlank(): boolean {
    return !this.#hasSaved && this.#own.isEmpty && this.#isUntouched;
  }

  async #place(isNewName: boolean): Promise<void> {
    const saved = isNewName && this.host.autosave !== '' ? await this.#autosave.load() : null;
    if (saved !== null) {
      this.#hasSaved = true;
      await this.#canvas[this.#isUntouched ? 'amend' : 'change'](saved, this.#own);
    } else if (this.host.starter && this.#isBlank) {
      this.#own.amend({ marks: starterMarks() });
    } else {
      return;
    }
    this.#shown = this.#own.state;
  }
}
