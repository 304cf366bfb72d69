import { AttachedController, type AttachedHost } from './attached-controller.js';

/**
 * Takes files that are dropped anywhere on the host, so that the browser never opens them instead of the page. If one
 * host lies within another, the inner one takes them.
 */
export class FileDropController extends AttachedController<AttachedHost & HTMLElement> {
  readonly #onFile: (file: File, at: DragEvent) => void;

  constructor(host: AttachedHost & HTMLElement, onFile: (file: File, at: DragEvent) => void) {
    super(host);
    this.#onFile = onFile;
  }

  protected override attached(): void {
    this.host.addEventListener('dragover', this.#hostOnDragover);
    this.host.addEventListener('drop', this.#hostOnDrop);
  }

  protected override detached(): void {
    this.host.removeEventListener('dragover', this.#hostOnDragover);
    this.host.removeEventListener('drop', this.#hostOnDrop);
  }

  #hostOnDragover = (event: DragEvent): void => {
    if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
  };

  #hostOnDrop = (event: DragEvent): void => {
    if (event.defaultPrevented || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    const [file] = event.dataTransfer.files;
    if (file !== undefined) this.#onFile(file, event);
  };
}
