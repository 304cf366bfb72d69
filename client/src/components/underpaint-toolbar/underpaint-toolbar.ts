import { html, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { RovingController } from '../../controllers/roving-controller.js';
import { DEFAULT_TOOL, TOOLS, type Tool, type ToolSettings } from '../../drawing/marks.js';
import { renderIconButton } from '../icon-button.js';
import { icon } from '../icons.js';
import { STUDIO_STRINGS, type StudioStrings } from '../strings/studio.js';
import { TextElement } from '../text-element.js';
import { theme } from '../theme.styles.js';
import { styles } from './underpaint-toolbar.styles.js';

export type SketchCommand = 'undo' | 'redo' | 'background' | 'layers' | 'clear';

/**
 * The tools of a sketch: one tab stop, arrow keys between the buttons. Buttons without an effect stay focusable, so that
 * undoing the last stroke does not lose the focus.
 *
 * @fires {CustomEvent<Partial<ToolSettings>>} up-tool - the person chose another tool
 * @fires {CustomEvent<SketchCommand>} up-sketch-command - the person chose undo, redo, background picture or clear
 */
export class UnderpaintToolbar extends TextElement<StudioStrings> {
  static override styles = [theme, styles];
  protected override readonly english = STUDIO_STRINGS;

  /** The current tool and its settings. */
  @property({ attribute: false }) settings: ToolSettings = DEFAULT_TOOL;
  /** Whether there is something to undo. */
  @property({ type: Boolean }) canUndo = false;
  /** Whether there is something to redo. */
  @property({ type: Boolean }) canRedo = false;
  /** Whether there is something to clear. */
  @property({ type: Boolean }) canClear = false;

  readonly #roving = new RovingController(this, () => [...this.renderRoot.querySelectorAll('button')]);

  override render(): TemplateResult {
    return html`
      <div
        role="toolbar"
        aria-label=${this.strings.tools}
        @keydown=${this.#roving.keydown}
        @focusin=${this.#roving.focusin}
      >
        <div class="group">${TOOLS.map((tool) => this.#renderTool(tool))}</div>
        <div class="group">
          ${this.#renderCommand('undo', !this.canUndo)} ${this.#renderCommand('redo', !this.canRedo)}
          ${this.#renderCommand('background', false)} ${this.#renderCommand('layers', false)}
          ${this.#renderCommand('clear', !this.canClear)}
        </div>
      </div>
    `;
  }

  #renderTool(tool: Tool): TemplateResult {
    return renderIconButton({
      shape: icon(tool),
      label: this.strings[tool],
      isPressed: this.settings.tool === tool,
      onClick: () => this.dispatchEvent(new CustomEvent('up-tool', { detail: { tool } })),
    });
  }

  #renderCommand(command: SketchCommand, isDisabled: boolean): TemplateResult {
    return renderIconButton({
      shape: icon(command),
      label: this.strings[command],
      isDisabled,
      onClick: () => this.dispatchEvent(new CustomEvent('up-sketch-command', { detail: command })),
    });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'underpaint-toolbar': UnderpaintToolbar;
  }
  interface HTMLElementEventMap {
    'up-sketch-command': CustomEvent<SketchCommand>;
  }
}
