import type { ParamsPatch } from '@underpaint/shared';
import { html, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import type { DrawingState } from '../../drawing/drawing.js';
import { listIdeas, type IdeaCard } from '../../drawing/ideas.js';
import { pageOf } from '../../stream/socket-url.js';
import { dialog } from '../dialog.styles.js';
import { renderIconButton } from '../icon-button.js';
import { icon } from '../icons.js';
import { openFile } from '../save-commands.js';
import { HAND_STRINGS, type HandStrings } from '../strings/hands.js';
import { TextElement } from '../text-element.js';
import { theme } from '../theme.styles.js';
import { styles } from './underpaint-ideas.styles.js';

/** What an idea brings. */
export interface Idea {
  readonly words: string;
  /** Missing if the idea is words alone. */
  readonly sketch?: { readonly drawing: DrawingState; readonly params: ParamsPatch };
}

/**
 * A dialog with ideas: cards that bring words, a sketch and settings, or words alone if the server has no more.
 *
 * @fires {CustomEvent<Idea>} up-idea - the person chose an idea
 */
export class UnderpaintIdeas extends TextElement<HandStrings> {
  static override styles = [theme, dialog, styles];
  protected override readonly english = HAND_STRINGS;

  /** The address of the server that has the ideas; empty for words alone. */
  @property() server = '';
  /** The words that the model card offers. */
  @property({ attribute: false }) prompts: readonly string[] = [];

  @query('dialog') private readonly dialog!: HTMLDialogElement;
  @state() private cards: readonly IdeaCard[] = [];

  /** Opens the dialog when the ideas are there. */
  async show(): Promise<void> {
    if (this.server !== '' && this.cards.length === 0) this.cards = await listIdeas(pageOf(this.server));
    await this.updateComplete;
    if (this.isConnected && !this.dialog.open) this.dialog.showModal();
  }

  override render(): TemplateResult {
    const { strings, cards } = this;
    return html`<dialog aria-labelledby="title" @click=${this.#closeOutside}>
      <div class="head">
        <h2 id="title">${strings.ideas}</h2>
        ${renderIconButton({ shape: icon('close'), label: strings.close, onClick: () => this.dialog.close() })}
      </div>
      ${cards.length === 0 ? this.#renderWords() : this.#renderCards()}
    </dialog>`;
  }

  #renderCards(): TemplateResult {
    return html`<p>${this.strings.aboutIdeas}</p>
      <ul>
        ${this.cards.map(
          (card) =>
            html`<li>
              <button class="card" @click=${() => this.#open(card)}>
                <img src=${card.picture} width="192" height="192" alt="" />
                <span>${card.words}</span>
              </button>
            </li>`,
        )}
      </ul>`;
  }

  #renderWords(): TemplateResult {
    return html`<ul class="words">
      ${this.prompts.map(
        (words) => html`<li><button class="word" @click=${() => this.#choose({ words })}>${words}</button></li>`,
      )}
    </ul>`;
  }

  /** If the file cannot be loaded, the words alone are chosen. */
  async #open({ words, file }: IdeaCard): Promise<void> {
    let idea: Idea = { words };
    try {
      const blob = await (await fetch(file)).blob();
      await openFile(blob, {
        open: (drawing, params) => {
          idea = { words, sketch: { drawing, params } };
          return Promise.resolve();
        },
      });
    } catch {
      // As above.
    }
    this.#choose(idea);
  }

  #choose(idea: Idea): void {
    this.dialog.close();
    this.dispatchEvent(new CustomEvent('up-idea', { detail: idea }));
  }

  /** A click on the backdrop has the dialog itself as its target. */
  #closeOutside = (event: MouseEvent): void => {
    if (event.target === this.dialog) this.dialog.close();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'underpaint-ideas': UnderpaintIdeas;
  }
}
