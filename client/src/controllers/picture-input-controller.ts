import { AttachedController, type AttachedHost } from './attached-controller.js';

/** Pictures that the person pastes anywhere on the page, or chooses as a file. */
export class PictureInputController extends AttachedController<AttachedHost> {
  readonly #onPicture: (picture: Blob) => void;

  constructor(host: AttachedHost, onPicture: (picture: Blob) => void) {
    super(host);
    this.#onPicture = onPicture;
  }

  /** Asks for a file. */
  choose(): void {
    const input = document.createElement('input');
    input.type = 'file';
    input.accept = 'image/*';
    input.addEventListener('change', () => this.#take(input.files));
    input.click();
  }

  protected override attached(): void {
    document.addEventListener('paste', this.#documentOnPaste);
  }

  protected override detached(): void {
    document.removeEventListener('paste', this.#documentOnPaste);
  }

  #documentOnPaste = (event: ClipboardEvent): void => {
    if (this.#take(event.clipboardData?.files)) event.preventDefault();
  };

  #take(files: FileList | null | undefined): boolean {
    const picture = [...(files ?? [])].find((file) => file.type.startsWith('image/'));
    if (picture !== undefined) this.#onPicture(picture);
    return picture !== undefined;
  }
}
