import { AttachedController, type AttachedHost } from './attached-controller.js';

interface PictureInputOptions {
  readonly onChosen: (picture: Blob) => void;
  readonly onPasted: (picture: Blob) => void;
}

/** Pictures that the person pastes anywhere on the page, or chooses as a file. */
export class PictureInputController extends AttachedController<AttachedHost> {
  readonly #options: PictureInputOptions;

  constructor(host: AttachedHost, options: PictureInputOptions) {
    super(host);
    this.#options = options;
  }

  /** Asks for a file. */
  choose(): void {
    const input = document.createElement('input');
    input.type = 'file';
    input.accept = 'image/*';
    input.addEventListener('change', () => take(input.files, this.#options.onChosen));
    input.click();
  }

  protected override attached(): void {
    document.addEventListener('paste', this.#documentOnPaste);
  }

  protected override detached(): void {
    document.removeEventListener('paste', this.#documentOnPaste);
  }

  #documentOnPaste = (event: ClipboardEvent): void => {
    if (take(event.clipboardData?.files, this.#options.onPasted)) event.preventDefault();
  };
}

function take(files: FileList | null | undefined, use: (picture: Blob) => void): boolean {
  const picture = [...(files ?? [])].find((file) => file.type.startsWith('image/'));
  if (picture !== undefined) use(picture);
  return picture !== undefined;
}
