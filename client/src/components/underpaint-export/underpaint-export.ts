import { css, html, type TemplateResult } from 'lit';
import { query } from 'lit/decorators.js';
import { dialog } from '../dialog.styles.js';
import { EXPORT_FORMATS, EXPORT_PARTS, EXPORT_SCALES, type ExportChoice } from '../export-file.js';
import { icon } from '../icons.js';
import { HAND_STRINGS, type HandStrings } from '../strings/hands.js';
import { TextElement } from '../text-element.js';
import { theme } from '../theme.styles.js';

const styles = css`
  form {
    display: grid;
    gap: 12px;
  }
  fieldset {
    display: flex;
    gap: 4px 16px;
    margin: 0;
    padding: 0;
    border: 0;
  }
  legend {
    padding: 0 0 4px;
    color: var(--_muted);
  }
  label {
    display: flex;
    gap: 6px;
    align-items: center;
    min-inline-size: 40px;
    min-block-size: 40px;
  }
  input {
    accent-color: var(--_accent);
  }
  .go {
    border: 0;
    border-radius: 10px;
    background: var(--_accent);
    color: var(--_on-accent);
  }
`;

/** A dialog that asks what to export, in which format and size. */
export class UnderpaintExport extends TextElement<HandStrings> {
  static override styles = [theme, dialog, styles];
  protected override readonly english = HAND_STRINGS;

  @query('dialog') private readonly dialog!: HTMLDialogElement;
  @query('form') private readonly form!: HTMLFormElement;

  /** Opens the dialog. @returns null if the person closed it */
  async choose(): Promise<ExportChoice | null> {
    await this.updateComplete;
    this.dialog.showModal();
    await new Promise((resolve) => this.dialog.addEventListener('close', resolve, { once: true }));
    if (this.dialog.returnValue !== 'go') return null;
    const chosen = new FormData(this.form);
    return {
      part: chosen.get('part'),
      format: chosen.get('format'),
      scale: Number(chosen.get('scale')),
    } as ExportChoice;
  }

  override render(): TemplateResult {
    const { exports } = this.strings;
    return html`<dialog aria-labelledby="title">
      <form method="dialog">
        <div class="head">
          <h2 id="title">${this.strings.export}</h2>
          <button class="quiet" value="" aria-label=${this.strings.close} title=${this.strings.close}>
            ${icon('close')}
          </button>
        </div>
        ${renderChoice('part', EXPORT_PARTS, exports)} ${renderChoice('format', EXPORT_FORMATS, exports)}
        ${renderChoice('scale', EXPORT_SCALES, exports)}
        <button class="go" value="go">${this.strings.save}</button>
      </form>
    </dialog>`;
  }
}

function renderChoice(
  name: 'part' | 'format' | 'scale',
  values: readonly (string | number)[],
  words: HandStrings['exports'],
): TemplateResult {
  return html`<fieldset>
    <legend>${words[name]}</legend>
    ${values.map(
      (value, index) =>
        html`<label>
          <input type="radio" name=${name} value=${value} ?checked=${index === 0} />
          ${words[value as keyof HandStrings['exports']] ?? value}
        </label>`,
    )}
  </fieldset>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'underpaint-export': UnderpaintExport;
  }
}
