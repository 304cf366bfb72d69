import { html, nothing, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { BlobUrlController } from '../../controllers/blob-url-controller.js';
import type { Result } from '../../kept/results.js';
import { dialog } from '../dialog.styles.js';
import { renderIconButton } from '../icon-button.js';
import { lateIcon, type LateIconName } from '../late-icons.js';
import { saveAll, saveResult } from '../save-results.js';
import { EXTRA_STRINGS, type ExtraStrings } from '../strings/extras.js';
import { TextElement } from '../text-element.js';
import { theme } from '../theme.styles.js';
import { styles } from './underpaint-snapshots.styles.js';

/**
 * The history of pictures as a strip, newest first. Each opens in a large view.
 *
 * @fires {CustomEvent<Result>} up-snapshot - the person chose a picture to go back to
 * @fires {CustomEvent<Result>} up-keep - the person wants to keep a picture, or not any more
 * @fires {CustomEvent<Result>} up-delete - the person deletes a picture
 */
export class UnderpaintSnapshots extends TextElement<ExtraStrings> {
  static override styles = [theme, dialog, styles];
  protected override readonly english = EXTRA_STRINGS;

  /** The pictures to show, in this order. */
  @property({ attribute: false }) snapshots: readonly Result[] = [];
  /** Whether the person may go back to a picture. */
  @property({ type: Boolean }) restorable = true;

  /** The id of the picture in the large view. */
  @state() private shown: number | null = null;
  @query('dialog') private readonly dialog!: HTMLDialogElement | null;

  readonly #urls = new BlobUrlController(this);

  /** Opens the large view of the newest picture. */
  async show(): Promise<void> {
    const [newest] = this.snapshots;
    if (newest !== undefined) await this.#open(newest);
  }

  override render(): TemplateResult {
    return html`<div class="strip" role="group" aria-label=${this.strings.snapshots}>
        ${repeat(
          this.snapshots,
          ({ id }) => id,
          (result) => this.#renderOne(result),
        )}
      </div>
      <dialog aria-labelledby="title" @close=${() => (this.shown = null)} @click=${this.#closeOutside}>
        ${this.#renderLarge()}
      </dialog>`;
  }

  #renderOne(result: Result): TemplateResult {
    const words = this.#words(result);
    return html`<button
      class="one"
      aria-label=${words}
      title=${words}
      ?data-kept=${result.isKept}
      @click=${() => void this.#open(result)}
    >
      <img alt="" loading="lazy" src=${this.#urls.of(result.picture)} />
    </button>`;
  }

  #renderLarge(): TemplateResult | typeof nothing {
    const result = this.snapshots.find(({ id }) => id === this.shown);
    if (result === undefined) return nothing;
    const { strings } = this;
    return html`<div class="head">
        <h2 id="title">${strings.snapshots}</h2>
        <span class="gap"></span>
        ${this.#renderAction('save', strings.saveAll, () => void saveAll(this.snapshots))}
        ${this.#renderAction('close', strings.close, () => this.dialog?.close())}
      </div>
      <div class="large" @keydown=${this.#onKeydown}>
        ${this.#renderAction('previous', strings.newer, () => this.#step(-1))}
        <img alt=${this.#words(result)} src=${this.#urls.of(result.picture)} />
        ${this.#renderAction('next', strings.older, () => this.#step(1))}
      </div>
      <p>${this.#words(result)}</p>
      <div class="actions">
        ${this.restorable ? html`<button class="back" @click=${() => this.#goBack(result)}>${strings.goBack}</button>` : nothing}
        <button aria-pressed=${result.isKept} @click=${() => this.#tell('up-keep', result)}>
          ${strings.keepPicture}
        </button>
        <button @click=${() => saveResult(result)}>${strings.save}</button>
        <button @click=${() => this.#delete(result)}>${strings.deletePicture}</button>
      </div>`;
  }

  #renderAction(name: LateIconName, label: string, onClick: () => void): TemplateResult {
    return renderIconButton({ shape: lateIcon(name), label, onClick });
  }

  async #open({ id }: Result): Promise<void> {
    this.shown = id;
    await this.updateComplete;
    if (this.dialog?.open === false) this.dialog.showModal();
  }

  /** Shows the picture before or after the current one, without a stop at the ends. */
  #step(by: 1 | -1): void {
    const count = this.snapshots.length;
    const at = this.snapshots.findIndex(({ id }) => id === this.shown);
    this.shown = this.snapshots[(at + by + count) % count]?.id ?? null;
  }

  #goBack(result: Result): void {
    this.dialog?.close();
    this.#tell('up-snapshot', result);
  }

  /** The next older picture takes its place. */
  #delete(result: Result): void {
    if (this.snapshots.length > 1) this.#step(1);
    else this.dialog?.close();
    this.#tell('up-delete', result);
  }

  #tell(name: 'up-snapshot' | 'up-keep' | 'up-delete', result: Result): void {
    const event = new CustomEvent(name, { detail: result });
    this.dispatchEvent(event);
  }

  #words({ params: { prompt, strength, steps, seed } }: Result): string {
    return this.strings.snapshotOf({ prompt, strength: strength.toFixed(2), steps, seed });
  }

  #onKeydown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowLeft') this.#step(-1);
    else if (event.key === 'ArrowRight') this.#step(1);
  };

  /** A click on the backdrop has the dialog itself as its target. */
  #closeOutside = (event: MouseEvent): void => {
    if (event.target === this.dialog) this.dialog?.close();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'underpaint-snapshots': UnderpaintSnapshots;
  }
  interface HTMLElementEventMap {
    'up-snapshot': CustomEvent<Result>;
    'up-keep': CustomEvent<Result>;
    'up-delete': CustomEvent<Result>;
  }
}
