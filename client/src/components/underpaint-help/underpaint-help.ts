import { html, type TemplateResult } from 'lit';
import { property, query } from 'lit/decorators.js';
import { dialog } from '../dialog.styles.js';
import { renderIconButton } from '../icon-button.js';
import { icon } from '../icons.js';
import type { Shortcut } from '../shortcuts.js';
import { EXTRA_STRINGS, type ExtraStrings } from '../strings/extras.js';
import { TextElement } from '../text-element.js';
import { theme } from '../theme.styles.js';
import { styles } from './underpaint-help.styles.js';

/** A dialog with the table of keys. */
export class UnderpaintHelp extends TextElement<ExtraStrings> {
  static override styles = [theme, dialog, styles];
  protected override readonly english = EXTRA_STRINGS;

  /** The keys to list, with their actions. */
  @property({ attribute: false }) shortcuts: readonly Shortcut<never>[] = [];

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
        ${renderIconButton({ shape: icon('close'), label: this.strings.close, onClick: () => this.dialog.close() })}
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
    const keys = new Map<keyof ExtraStrings, string[]>();
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
