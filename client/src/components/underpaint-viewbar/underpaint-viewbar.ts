import { html, nothing, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { DismissController } from '../../controllers/dismiss-controller.js';
import { RovingController } from '../../controllers/roving-controller.js';
import { ALL_FEATURES, type Feature } from '../features.js';
import { renderIconButton } from '../icon-button.js';
import { icon } from '../icons.js';
import { DRAWING_COMMANDS, PICTURE_COMMANDS, type SaveCommand } from '../save-command.js';
import { STUDIO_STRINGS, type StudioStrings } from '../strings/studio.js';
import { TextElement } from '../text-element.js';
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
export class UnderpaintViewbar extends TextElement<StudioStrings> {
  static override styles = [theme, styles];
  protected override readonly english = STUDIO_STRINGS;

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
        ${document.fullscreenEnabled ? this.#renderCommand('fullscreen') : nothing}
        <span class="gap"></span>
        ${this.readonly ? nothing : this.#renderCommand('freeze', this.frozen)} ${this.#renderCommand('snapshot')}
        ${this.readonly ? nothing : this.#renderCommand('reuse')}
        ${this.features.has('save') ? this.#renderSave() : nothing}
      </div>
      ${this.saving ? this.#renderSaves() : nothing}
    `;
  }

  #renderView(view: View): TemplateResult {
    return renderIconButton({
      shape: icon(view),
      label: this.strings.view[view],
      isPressed: this.view === view,
      onClick: () => this.dispatchEvent(new CustomEvent('up-view', { detail: view })),
    });
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

  #renderCommand(command: Exclude<ViewCommand, SaveCommand>, isPressed?: boolean): TemplateResult | typeof nothing {
    if (!this.features.has(command)) return nothing;
    return renderIconButton({
      shape: icon(command),
      label: this.strings[command],
      isPressed,
      isDisabled: !this.ready && isPressed === undefined,
      onClick: () => this.#command(command),
    });
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
