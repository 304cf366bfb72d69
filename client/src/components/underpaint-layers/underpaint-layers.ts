import { html, nothing, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { EMPTY_DRAWING, layersOf, type DrawingState, type SketchDrawing } from '../../drawing/drawing.js';
import { MAX_LAYER_NAME, MAX_LAYERS, type Layer } from '../../drawing/layers.js';
import {
  layerAdded,
  layerChanged,
  layerMoved,
  layerRemoved,
  layerUnder,
  marksOf,
  mergedDown,
  staysSame,
} from '../../drawing/layer-edits.js';
import type { Mark } from '../../drawing/marks.js';
import { renderIconButton } from '../icon-button.js';
import { lateIcon, type LateIconName } from '../late-icons.js';
import { HAND_STRINGS, type HandStrings } from '../strings/hands.js';
import { TextElement } from '../text-element.js';
import { theme } from '../theme.styles.js';
import { styles } from './underpaint-layers.styles.js';

/** The sketch whose layers are shown. */
interface LayeredSketch {
  readonly drawing: SketchDrawing;
  activeLayer: number;
  readonly sheet: { touch(): void };
  pictureOf(marks: readonly Mark[], opacity: number): Promise<Blob>;
}

interface Command {
  readonly name: LateIconName;
  readonly label: string;
  readonly isUseful: boolean;
  readonly act: () => void;
}

/** The layers of a drawing, the topmost first, and the colour of its paper. */
export class UnderpaintLayers extends TextElement<HandStrings> {
  static override styles = [theme, styles];
  protected override readonly english = HAND_STRINGS;

  /** The sketch that the layers belong to. */
  @property({ attribute: false }) sketch: LayeredSketch | null = null;
  /** The content of its drawing. */
  @property({ attribute: false }) drawing: DrawingState = EMPTY_DRAWING;
  /** The number of the layer to draw on. */
  @property({ attribute: false }) active = 0;

  override render(): TemplateResult {
    return html`<div class="row">
        ${this.#commands.map((command) => this.#renderCommand(command))} ${this.#renderPaper()}
      </div>
      <ul aria-label=${this.strings.layers}>
        ${repeat(
          layersOf(this.drawing).toReversed(),
          ({ id }) => id,
          (layer) => this.#renderLayer(layer),
        )}
      </ul>`;
  }

  #renderCommand({ name, label, isUseful, act }: Command): TemplateResult {
    return renderIconButton({ shape: lateIcon(name), label, isDisabled: !isUseful, onClick: act });
  }

  #renderLayer(layer: Layer): TemplateResult {
    const { id, isHidden, opacity } = layer;
    const name = this.#nameOf(layer);
    const choose = () => this.#activate(id);
    return html`<li aria-current=${id === this.#active} @focusin=${choose} @click=${choose}>
      <button
        class="quiet ${isHidden ? 'hidden' : ''}"
        aria-label=${this.strings.layerShown(name)}
        title=${this.strings.layerShown(name)}
        aria-pressed=${!isHidden}
        @click=${() => this.#change(layerChanged(this.drawing, id, { isHidden: !isHidden }))}
      >
        ${lateIcon('eye')}
      </button>
      <input
        type="text"
        aria-label=${this.strings.layerName}
        maxlength=${MAX_LAYER_NAME}
        .value=${name}
        @change=${(event: Event) => this.#change(layerChanged(this.drawing, id, { name: valueOf(event).trim() }))}
      />
      <input
        type="range"
        min="0"
        max="100"
        aria-label="${this.strings.opacity}, ${name}"
        .value=${String(Math.round(opacity * 100))}
        @input=${(event: Event) => this.#amend(layerChanged(this.drawing, id, { opacity: Number(valueOf(event)) / 100 }))}
      />
    </li>`;
  }

  #renderPaper(): TemplateResult {
    const { paper = 'model' } = this.drawing;
    const kind = paper === 'model' || paper === 'transparent' ? paper : paper === '#ffffff' ? 'white' : 'colour';
    const choose = (chosen: string) => {
      const colour = { white: '#ffffff', colour: '#f4e9d8' }[chosen] ?? chosen;
      this.#change({ paper: colour });
    };
    return html`<label>
        ${this.strings.paper}
        <select @change=${(event: Event) => choose(valueOf(event))}>
          ${Object.entries(this.strings.papers).map(
            ([value, words]) => html`<option value=${value} ?selected=${value === kind}>${words}</option>`,
          )}
        </select>
      </label>
      ${
        kind === 'colour'
          ? html`<input
              type="color"
              aria-label=${this.strings.paper}
              .value=${paper}
              @change=${(event: Event) => this.#change({ paper: valueOf(event) })}
            />`
          : nothing
      }`;
  }

  get #commands(): readonly Command[] {
    const { drawing, strings } = this;
    const layers = layersOf(drawing);
    const at = layers.findIndex(({ id }) => id === this.#active);
    const move = (by: 1 | -1) => this.#change(layerMoved(drawing, this.#active, by));
    const hasUnder = at > 0;
    return [
      { name: 'add', label: strings.layerNew, isUseful: layers.length < MAX_LAYERS, act: () => this.#add() },
      { name: 'forward', label: strings.layerUp, isUseful: at < layers.length - 1, act: () => move(1) },
      { name: 'backward', label: strings.layerDown, isUseful: hasUnder, act: () => move(-1) },
      { name: 'merge', label: strings.layerMerge, isUseful: hasUnder, act: () => void this.#merge() },
      { name: 'clear', label: strings.layerRemove, isUseful: layers.length > 1, act: () => this.#remove() },
    ];
  }

  /** The layer to draw on may have been removed by somebody else. */
  get #active(): number {
    const layers = layersOf(this.drawing);
    return layers.some(({ id }) => id === this.active) ? this.active : layers[0]!.id;
  }

  #nameOf({ id, name }: Layer): string {
    return name || this.strings.layer(layersOf(this.drawing).findIndex((layer) => layer.id === id) + 1);
  }

  #add(): void {
    const added = layerAdded(this.drawing, this.#active, this.strings.layer(layersOf(this.drawing).length + 1));
    if (added === null) return;
    this.#change(added.change);
    this.#activate(added.id);
  }

  #remove(): void {
    const next = layerUnder(this.drawing, this.#active);
    this.#change(layerRemoved(this.drawing, this.#active));
    this.#activate((next ?? layersOf(this.sketch!.drawing.state)[0]!).id);
  }

  async #merge(): Promise<void> {
    const { drawing, sketch } = this;
    const id = this.#active;
    const under = layerUnder(drawing, id);
    if (sketch === null || under === undefined) return;
    const picture = staysSame(drawing, id) ? null : await this.#pictureOf(id);
    const adopted = picture && (await sketch.drawing.adopt(picture));
    this.#change(mergedDown(sketch.drawing.state, id, adopted));
    this.#activate(under.id);
  }

  #pictureOf(id: number): Promise<Blob> {
    const { isHidden, opacity } = layersOf(this.drawing).find((layer) => layer.id === id)!;
    return this.sketch!.pictureOf(marksOf(this.drawing, id), isHidden ? 0 : opacity);
  }

  #activate(id: number): void {
    if (this.sketch === null) return;
    this.sketch.activeLayer = id;
    this.sketch.sheet.touch();
  }

  #change(change: Partial<DrawingState>): void {
    this.sketch?.drawing.change(change);
  }

  #amend(change: Partial<DrawingState>): void {
    this.sketch?.drawing.amend(change);
  }
}

function valueOf(event: Event): string {
  return (event.target as HTMLInputElement | HTMLSelectElement).value;
}

declare global {
  interface HTMLElementTagNameMap {
    'underpaint-layers': UnderpaintLayers;
  }
}
