import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { DrawingState } from '../drawing/drawing.js';
import { loadDrawing, saveDrawing } from '../drawing/drawing-store.js';
import type { DrawingController } from './drawing-controller.js';

interface AutosaveHost extends ReactiveControllerHost {
  /** The name to save under; empty for not at all. */
  readonly autosave: string;
}

const PAUSE_MS = 600;

/** Saves the person's own drawing in the browser when the hand rests, and brings it back. One that is shared is kept where it is shared. */
export class AutosaveController implements ReactiveController {
  readonly #host: AutosaveHost;
  readonly #canvas: DrawingController;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saved: DrawingState | null = null;

  constructor(host: AutosaveHost, canvas: DrawingController) {
    this.#host = host;
    this.#canvas = canvas;
    host.addController(this);
    canvas.own.addEventListener('change', () => this.#drawingOnChange());
  }

  hostConnected(): void {
    globalThis.addEventListener('pagehide', this.#save);
  }

  hostDisconnected(): void {
    globalThis.removeEventListener('pagehide', this.#save);
    this.#save();
  }

  /** @returns whether there was a drawing to bring back. A browser that keeps nothing (private windows) has none. */
  async restore(): Promise<boolean> {
    if (this.#host.autosave === '') return false;
    const state = await loadDrawing(this.#host.autosave).catch(() => null);
    if (state === null) return false;
    this.#saved = state;
    await this.#canvas.amend(state, this.#canvas.own);
    return true;
  }

  #drawingOnChange(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#save, PAUSE_MS);
  }

  #save = (): void => {
    clearTimeout(this.#timer);
    const { state } = this.#canvas.own;
    if (this.#host.autosave === '' || state === this.#saved) return;
    this.#saved = state;
    void saveDrawing(this.#host.autosave, state).catch(() => undefined);
  };
}
