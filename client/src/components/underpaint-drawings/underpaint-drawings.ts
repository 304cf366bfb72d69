import { html, nothing, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { BlobUrlController } from '../../controllers/blob-url-controller.js';
import { deleteSheet, listSheets, type SheetSummary } from '../../kept/sheets.js';
import { dialog } from '../dialog.styles.js';
import { renderIconButton } from '../icon-button.js';
import { icon } from '../icons.js';
import { EXTRA_STRINGS, type ExtraStrings } from '../strings/extras.js';
import { TextElement } from '../text-element.js';
import { theme } from '../theme.styles.js';
import { styles } from './underpaint-drawings.styles.js';

/**
 * A dialog with the drawings that this browser keeps.
 *
 * @fires {CustomEvent<string>} up-open - the person chose a drawing; `detail` is its id
 * @fires {CustomEvent<void>} up-new - the person wants an empty sheet
 */
export class UnderpaintDrawings extends TextElement<ExtraStrings> {
  static override styles = [theme, dialog, styles];
  protected override readonly english = EXTRA_STRINGS;

  /** The name under which the drawings are saved: the studio's `autosave`. */
  @property() name = '';
  /** The id of the drawing that is open. */
  @property({ attribute: false }) current = '';

  @state() private sheets: readonly SheetSummary[] = [];
  @query('dialog') private readonly dialog!: HTMLDialogElement;

  readonly #urls = new BlobUrlController(this);

  /** Opens the dialog. */
  async show(): Promise<void> {
    this.sheets = await listSheets(this.name).catch(() => []);
    await this.updateComplete;
    this.dialog.showModal();
  }

  override render(): TemplateResult {
    const { strings } = this;
    return html`<dialog aria-labelledby="title" @click=${this.#closeOutside}>
      <div class="head">
        <h2 id="title">${strings.drawings}</h2>
        ${renderIconButton({ shape: icon('close'), label: strings.close, onClick: () => this.dialog.close() })}
      </div>
      <button class="new" @click=${() => this.#choose(new CustomEvent('up-new'))}>${strings.newDrawing}</button>
      <ul aria-label=${strings.drawings}>
        ${repeat(
          this.sheets,
          ({ id }) => id,
          (sheet) => this.#renderSheet(sheet),
        )}
      </ul>
    </dialog>`;
  }

  #renderSheet({ id, words, picture, savedAt }: SheetSummary): TemplateResult {
    const { strings } = this;
    const text = words || strings.noWords;
    const when = new Date(savedAt).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
    return html`<li>
      <button
        class="open"
        aria-label=${`${strings.goOnWith}: ${text}, ${when}`}
        aria-current=${id === this.current}
        @click=${() => this.#choose(new CustomEvent('up-open', { detail: id }))}
      >
        ${picture === null ? icon('stroke') : html`<img alt="" src=${this.#urls.of(picture)} />`}
        <span>${text}</span>
        <small>${id === this.current ? strings.isOpenHere : when}</small>
      </button>
      ${id === this.current ? nothing : this.#renderDelete(id, text)}
    </li>`;
  }

  #renderDelete(id: string, text: string): TemplateResult {
    const label = `${this.strings.deleteDrawing}: ${text}`;
    return renderIconButton({ shape: icon('clear'), label, onClick: () => void this.#delete(id) });
  }

  #choose(event: CustomEvent): void {
    this.dialog.close();
    this.dispatchEvent(event);
  }

  async #delete(id: string): Promise<void> {
    this.sheets = this.sheets.filter((sheet) => sheet.id !== id);
    await deleteSheet(id).catch(() => undefined);
  }

  /** A click on the backdrop has the dialog itself as its target. */
  #closeOutside = (event: MouseEvent): void => {
    if (event.target === this.dialog) this.dialog.close();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'underpaint-drawings': UnderpaintDrawings;
  }
  interface HTMLElementEventMap {
    'up-open': CustomEvent<string>;
    'up-new': CustomEvent<void>;
  }
}
