import type { ReactiveController, ReactiveControllerHost } from 'lit';

type Host = ReactiveControllerHost & HTMLElement;

/** Pictures that the person brings: pasted anywhere on the page, dropped on the host, or chosen as a file. */
export class PictureInputController implements ReactiveController {
  readonly #host: Host;
  readonly #onPicture: (picture: Blob) => void;

  constructor(host: Host, onPicture: (picture: Blob) => void) {
    this.#host = host;
    this.#onPicture = onPicture;
    host.addController(this);
  }

  hostConnected(): void {
    document.addEventListener('paste', this.#documentOnPaste);
    this.#host.addEventListener('dragover', this.#hostOnDragover);
    this.#host.addEventListener('drop', this.#hostOnDrop);
  }

  hostDisconnected(): void {
    document.removeEventListener('paste', this.#documentOnPaste);
    this.#host.removeEventListener('dragover', this.#hostOnDragover);
    this.#host.removeEventListener('drop', this.#hostOnDrop);
  }

  /** Asks for a file. */
  choose(): void {
    const input = document.createElement('input');
    input.type = 'file';
    input.accept = 'image/*';
    input.addEventListener('change', () => this.#take(input.files));
    input.click();
  }

  #documentOnPaste = (event: ClipboardEvent): void => {
    if (this.#take(event.clipboardData?.files)) event.preventDefault();
  };

  #hostOnDragover = (event: DragEvent): void => {
    if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
  };

  #hostOnDrop = (event: DragEvent): void => {
    if (this.#take(event.dataTransfer?.files)) event.preventDefault();
  };

  #take(files: FileList | null | undefined): boolean {
    const picture = [...(files ?? [])].find((file) => file.type.startsWith('image/'));
    if (picture !== undefined) this.#onPicture(picture);
    return picture !== undefined;
  }
}
