import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { DismissController } from '../../controllers/dismiss-controller.js';
import { RovingController } from '../../controllers/roving-controller.js';
import { ALL_FEATURES, type Feature } from '../features.js';
import { icon, type IconName } from '../icons.js';
import { DRAWING_COMMANDS, PICTURE_COMMANDS, type SaveCommand } from '../save-command.js';
import { DEFAULT_STRINGS, type Strings } from '../strings.js';
import { theme } from '../theme.styles.js';
import { styles } from './underpaint-viewbar.styles.js';

/** Layouts of sketch and picture: side by side, picture over sketch, split at a line, or the picture alone. */
export const VIEWS = ['side', 'overlay', 'split', 'result'] as const;
export type View = (typeof VIEWS)[number];

export type ViewCommand = 'freeze' | 'snapshot' | 'reuse' | 'fullscreen' | SaveCommand;

/**
 * The views, and the actions on the picture.
 *
 * @fires {CustomEvent<View>} up-view - the person chose another view
 * @fires {CustomEvent<ViewCommand>} up-view-command - the person chose an action
 */
export class UnderpaintViewbar extends LitElement {
  static override styles = [theme, styles];

  /** The current view. */
  @property() view: View = 'side';
  /** Whether the stream is on hold. */
  @property({ type: Boolean }) frozen = false;
  /** Whether there is a picture. */
  @property({ type: Boolean }) ready = false;
  /** The parts to show. */
  @property({ attribute: false }) features: ReadonlySet<Feature> = ALL_FEATURES;
  /** Offers only what changes neither drawing nor stream. */
  @property({ type: Boolean }) readonly = false;
  /** The texts of the element: `DEFAULT_STRINGS` with some replaced. */
  @property({ attribute: false }) strings: Strings = DEFAULT_STRINGS;
  @state() private saving = false;

  readonly #roving = new RovingController(this, () => [
    ...this.renderRoot.querySelectorAll<HTMLButtonElement>('[role=toolbar] > button'),
  ]);

  constructor() {
    super();
    new DismissController(this, { isOpen: () => this.saving, close: () => (this.saving = false) });
  }

  override render(): TemplateResult {
    return html`
      <div
        role="toolbar"
        aria-label=${this.strings.views}
        @keydown=${this.#roving.keydown}
        @focusin=${this.#roving.focusin}
      >
        ${this.features.has('views') ? VIEWS.map((view) => this.#renderView(view)) : nothing}
        ${document.fullscreenEnabled ? this.#renderCommand('fullscreen', 'fullscreen') : nothing}
        <span class="gap"></span>
        ${this.readonly ? nothing : this.#renderCommand('freeze', 'freeze', this.frozen)}
        ${this.#renderCommand('snapshot', 'snapshot')}
        ${this.readonly ? nothing : this.#renderCommand('reuse', 'reuse')}
        ${this.features.has('save') ? this.#renderSave() : nothing}
      </div>
      ${this.saving ? this.#renderSaves() : nothing}
    `;
  }

  #renderView(view: View): TemplateResult {
    return html`<button
      class="quiet"
      aria-pressed=${this.view === view}
      aria-label=${this.strings.view[view]}
      title=${this.strings.view[view]}
      @click=${() => this.dispatchEvent(new CustomEvent('up-view', { detail: view }))}
    >
      ${icon(view)}
    </button>`;
  }

  #renderSave(): TemplateResult {
    return html`<button
      class="quiet"
      aria-label=${this.strings.save}
      title=${this.strings.save}
      aria-expanded=${this.saving}
      @click=${() => (this.saving = !this.saving)}
    >
      ${icon('save')}
    </button>`;
  }

  #renderCommand(
    command: Exclude<ViewCommand, SaveCommand>,
    name: IconName & keyof Strings,
    pressed?: boolean,
  ): TemplateResult | typeof nothing {
    if (!this.features.has(command)) return nothing;
    const words = this.strings[name] as string;
    const disabled = !this.ready && pressed === undefined;
    return html`<button
      class="quiet"
      aria-label=${words}
      title=${words}
      aria-pressed=${pressed ?? nothing}
      aria-disabled=${disabled}
      @click=${() => disabled || this.#command(command)}
    >
      ${icon(name)}
    </button>`;
  }

  #renderSaves(): TemplateResult {
    return html`<div class="saves">
      ${[...PICTURE_COMMANDS.filter(() => this.ready), ...DRAWING_COMMANDS].map(
        (save) => html`<button @click=${() => this.#command(save)}>${this.strings[save]}</button>`,
      )}
    </div>`;
  }

  #command(command: ViewCommand): void {
    this.saving = false;
    this.dispatchEvent(new CustomEvent('up-view-command', { detail: command }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'underpaint-viewbar': UnderpaintViewbar;
  }
  interface HTMLElementEventMap {
    'up-view': CustomEvent<View>;
    'up-view-command': CustomEvent<ViewCommand>;
  }
}
