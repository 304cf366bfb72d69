import { html, LitElement, type TemplateResult } from 'lit';
import { property, query } from 'lit/decorators.js';
import { icon } from '../icons.js';
import type { Shortcut } from '../shortcuts.js';
import { DEFAULT_STRINGS, type Strings } from '../strings.js';
import { dialog, theme } from '../theme.styles.js';
import { styles } from './underpaint-help.styles.js';

/** A dialog with the table of keys. */
export class UnderpaintHelp extends LitElement {
  static override styles = [theme, dialog, styles];

  /** The keys to list, with their actions. */
  @property({ attribute: false }) shortcuts: readonly Shortcut<never>[] = [];
  /** The texts of the element: `DEFAULT_STRINGS` with some replaced. */
  @property({ attribute: false }) strings: Strings = DEFAULT_STRINGS;

  @query('dialog') private readonly dialog!: HTMLDialogElement;

  /** Opens the dialog. */
  async show(): Promise<void> {
    await this.updateComplete;
    this.dialog.showModal();
  }

  override render(): TemplateResult {
    return html`<dialog aria-labelledby="title" @click=${this.#closeOutside}>
      <div class="head">
        <h2 id="title">${this.strings.keys}</h2>
        <button
          class="quiet"
          aria-label=${this.strings.close}
          title=${this.strings.close}
          @click=${() => this.dialog.close()}
        >
          ${icon('close')}
        </button>
      </div>
      <table>
        <tbody>
          ${this.strings.drawingKeys.map(([key, words]) => row([key], words))} ${this.#rows()}
        </tbody>
      </table>
    </dialog>`;
  }

  /** One row per action, with all its keys. */
  #rows(): TemplateResult[] {
    const keys = new Map<keyof Strings, string[]>();
    for (const { key, label } of this.shortcuts) keys.set(label, [...(keys.get(label) ?? []), key]);
    return [...keys].map(([label, names]) => row(names.map(shown), this.strings[label] as string));
  }

  /** A click on the backdrop has the dialog itself as its target. */
  #closeOutside = (event: MouseEvent): void => {
    if (event.target === this.dialog) this.dialog.close();
  };
}

function row(keys: readonly string[], words: string): TemplateResult {
  return html`<tr>
    <th scope="row">${keys.map((key) => html`<kbd>${key}</kbd> `)}</th>
    <td>${words}</td>
  </tr>`;
}

function shown(key: string): string {
  return key
    .replace('ctrl+', 'Ctrl ')
    .replace('shift+', 'Shift ')
    .replace(/.$/, (last) => last.toUpperCase());
}

declare global {
  interface HTMLElementTagNameMap {
    'underpaint-help': UnderpaintHelp;
  }
}
