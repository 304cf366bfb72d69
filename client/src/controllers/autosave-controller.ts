import type { DrawingState } from '../drawing/drawing.js';
import { loadDrawing, saveDrawing } from '../drawing/drawing-store.js';
import type { Drawing } from '../drawing/drawing.js';
import { AttachedController, type AttachedHost } from './attached-controller.js';

interface AutosaveHost extends AttachedHost {
  /** The name to save under; empty to save nothing. */
  readonly autosave: string;
}

const PAUSE_MS = 600;

/** Saves the person's own drawing in the browser after a pause, and loads it. A shared drawing is kept by its room. */
export class AutosaveController extends AttachedController<AutosaveHost> {
  readonly #drawing: Drawing;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saved: DrawingState | null = null;
  /** Nothing is saved under a name before the drawing saved there was loaded. */
  #loadedName = '';

  constructor(host: AutosaveHost, drawing: Drawing) {
    super(host);
    this.#drawing = drawing;
    drawing.addEventListener('change', () => this.#drawingOnChange());
  }

  /** @returns null if nothing is saved under the host's `autosave`, or the browser keeps no data (private windows) */
  async load(): Promise<DrawingState | null> {
    const name = this.host.autosave;
    this.#saved = await loadDrawing(name).catch(() => null);
    this.#loadedName = name;
    return this.#saved;
  }

  protected override attached(): void {
    globalThis.addEventListener('pagehide', this.#save);
  }

  protected override detached(): void {
    globalThis.removeEventListener('pagehide', this.#save);
    this.#save();
  }

  #drawingOnChange(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#save, PAUSE_MS);
  }

  #save = (): void => {
    clearTimeout(this.#timer);
    const { autosave } = this.host;
    const { state } = this.#drawing;
    if (autosave === '' || autosave !== this.#loadedName || state === this.#saved) return;
    this.#saved = state;
    void saveDrawing(autosave, state).catch(() => undefined);
  };
}
