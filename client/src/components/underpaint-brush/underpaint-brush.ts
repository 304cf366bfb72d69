import { html, nothing, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { RovingController } from '../../controllers/roving-controller.js';
import { colourLook } from '../../drawing/colour-look.js';
import type { BackgroundPicture } from '../../drawing/drawing.js';
import { DEFAULT_TOOL, type ToolSettings } from '../../drawing/marks.js';
import { DEFAULT_PALETTE } from '../../drawing/palette.js';
import { renderIconButton } from '../icon-button.js';
import { icon } from '../icons.js';
import { STUDIO_STRINGS, type StudioStrings } from '../strings/studio.js';
import { TextElement } from '../text-element.js';
import { theme } from '../theme.styles.js';
import { styles } from './underpaint-brush.styles.js';

type BrushSlider = 'size' | 'opacity' | 'smoothing';

const SLIDERS: readonly {
  readonly name: BrushSlider;
  readonly min: number;
  readonly max: number;
  readonly unit: number;
}[] = [
  { name: 'size', min: 1, max: 64, unit: 1 },
  { name: 'opacity', min: 5, max: 100, unit: 100 },
  { name: 'smoothing', min: 0, max: 100, unit: 100 },
];

/**
 * The brush: its colour, size, opacity and smoothing.
 *
 * @fires {CustomEvent<Partial<ToolSettings>>} up-tool - the person changed a setting
 * @fires {CustomEvent<number | null>} up-background - the person changed the opacity of the background picture; null removes the picture
 */
export class UnderpaintBrush extends TextElement<StudioStrings> {
  static override styles = [theme, styles];
  protected override readonly english = STUDIO_STRINGS;

  /** The current tool and its settings. */
  @property({ attribute: false }) settings: ToolSettings = DEFAULT_TOOL;
  /** The colours on offer. */
  @property({ attribute: false }) palette: readonly string[] = DEFAULT_PALETTE;
  /** Colours that the person drew with. */
  @property({ attribute: false }) recent: readonly string[] = [];
  /** The picture behind the sketch; null for none. */
  @property({ attribute: false }) background: BackgroundPicture | null = null;

  readonly #roving = new RovingController(this, () => [
    ...this.renderRoot.querySelectorAll<HTMLButtonElement>('.swatches button'),
  ]);

  override render(): TemplateResult {
    return html`
      ${this.#renderSwatches()}
      <div class="knobs">${SLIDERS.map((slider) => this.#renderSlider(slider))} ${this.#renderBackground()}</div>
    `;
  }

  #renderSwatches(): TemplateResult {
    const { color } = this.settings;
    const others = this.recent.filter((each) => !this.palette.includes(each));
    return html`<div
      class="swatches"
      role="toolbar"
      aria-label=${this.strings.colours}
      @keydown=${this.#roving.keydown}
      @focusin=${this.#roving.focusin}
    >
      <label
        class="swatch any"
        title=${this.strings.currentColour(this.#nameOf(color), color)}
        .style=${`--_swatch: ${color}`}
      >
        <input
          type="color"
          aria-label=${this.strings.currentColour(this.#nameOf(color), color)}
          .value=${color}
          @input=${(event: InputEvent) => this.#change({ color: (event.target as HTMLInputElement).value })}
        />
      </label>
      ${this.palette.map((each) => this.#renderSwatch(each))}
      ${others.length === 0 ? nothing : html`<span class="divider"></span>`}
      ${others.map((each) => this.#renderSwatch(each, this.strings.recentColour))}
    </div>`;
  }

  #renderSwatch(color: string, inWords = (name: string): string => name): TemplateResult {
    const name = inWords(this.#nameOf(color));
    return html`<button
      class="swatch"
      aria-label=${name}
      title=${name}
      aria-pressed=${color === this.settings.color}
      .style=${`--_swatch: ${color}`}
      @click=${() => this.#change({ color })}
    ></button>`;
  }

  #nameOf(color: string): string {
    return this.strings.colour(colourLook(color));
  }

  #renderSlider({ name, min, max, unit }: (typeof SLIDERS)[number]): TemplateResult {
    const value = Math.round(this.settings[name] * unit);
    return html`<label>
      <span>${this.strings[name]}</span>
      <input
        type="range"
        min=${min}
        max=${max}
        .value=${String(value)}
        @input=${(event: InputEvent) => this.#change({ [name]: (event.target as HTMLInputElement).valueAsNumber / unit })}
      />
      <output aria-live="off">${value}</output>
    </label>`;
  }

  #renderBackground(): TemplateResult | typeof nothing {
    if (this.background === null) return nothing;
    const percent = Math.round(this.background.opacity * 100);
    const change = (detail: number | null) => this.dispatchEvent(new CustomEvent('up-background', { detail }));
    return html`<label>
        <span>${this.strings.background}</span>
        <input
          type="range"
          min="0"
          max="100"
          .value=${String(percent)}
          @input=${(event: InputEvent) => change((event.target as HTMLInputElement).valueAsNumber / 100)}
        />
        <output aria-live="off">${percent}</output>
      </label>
      ${renderIconButton({
        shape: icon('close'),
        label: this.strings.removeBackground,
        onClick: () => change(null),
      })}`;
  }

  #change(detail: Partial<ToolSettings>): void {
    this.dispatchEvent(new CustomEvent('up-tool', { detail }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'underpaint-brush': UnderpaintBrush;
  }
  interface HTMLElementEventMap {
    'up-background': CustomEvent<number | null>;
  }
}
