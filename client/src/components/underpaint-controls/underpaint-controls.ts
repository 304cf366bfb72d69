import type { Params, ParamsPatch, Range } from '@underpaint/shared';
import { html, nothing, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import type { DrawingState, ParamsStep } from '../../drawing/drawing.js';
import { ClientController } from '../../controllers/client-controller.js';
import type { StreamClient } from '../../stream/stream-client.js';
import { extent, renderExtent } from '../extent.js';
import { ALL_FEATURES, type Feature } from '../features.js';
import { renderIconButton } from '../icon-button.js';
import { icon } from '../icons.js';
import { STUDIO_STRINGS, type StudioStrings } from '../strings/studio.js';
import { TextElement } from '../text-element.js';
import { theme } from '../theme.styles.js';
import { styles } from './underpaint-controls.styles.js';
import type { Idea } from '../underpaint-ideas/underpaint-ideas.js';
import { unknownWords } from './unknown-words.js';

type ParamSlider = 'control' | 'strength' | 'steps' | 'guidance';
/** Settings of nearly every model. */
const KNOBS = ['strength', 'steps', 'seed'] as const;

/** An idea that the person chose, with the parameters before and after it. The client has the latter already. */
export interface ChosenIdea {
  readonly drawing: DrawingState;
  readonly params: ParamsStep;
}

/**
 * The parameters of a stream: prompt, strength, steps, guidance and seed, and how closely the picture follows the sketch.
 * Those that have no effect with the model are not shown.
 *
 * @fires {CustomEvent<ParamsPatch>} up-params - the person changed parameters; the client has them already
 * @fires {CustomEvent<ChosenIdea>} up-idea - the person chose an idea that brings a sketch
 * @fires {CustomEvent<boolean>} up-seed-lock - the person chose whether new words keep the seed
 */
export class UnderpaintControls extends TextElement<StudioStrings> {
  static override styles = [theme, extent, styles];
  protected override readonly english = STUDIO_STRINGS;

  /** The stream to control. */
  @property({ attribute: false }) client: StreamClient | null = null;
  /** The parts to show. */
  @property({ attribute: false }) features: ReadonlySet<Feature> = ALL_FEATURES;

  /** Shows the words alone. */
  @property({ type: Boolean }) readonly = false;
  /** Whether a new prompt keeps the seed. */
  @property({ attribute: false }) seedLocked = true;
  /** The address of the server, for the sketches and pictures of its ideas. Without it, ideas are words alone. */
  @property() server = '';
  @state() private hasIdeas = false;

  constructor() {
    super();
    ClientController.updates(this, 'params', 'statechange');
  }

  override render(): TemplateResult | typeof nothing {
    const params = this.client?.params;
    if (params === undefined) return this.readonly ? nothing : this.#renderComing();
    if (this.readonly) return params.prompt === '' ? nothing : html`<p class="words">${params.prompt}</p>`;
    return html`
      ${renderExtent()}
      <div class="frame">
        <div class="rows">
          ${this.#renderPrompt(params)} ${this.#renderNegativePrompt(params)} ${this.#renderKnobs(params)}
        </div>
      </div>
    `;
  }

  /** Keeps the place of the words and the settings before there is a connection, so that nothing of the page moves. */
  #renderComing(): TemplateResult {
    return html`<div class="rows">
      ${this.features.has('prompt') ? html`<div class="coming"></div>` : nothing} ${this.#renderComingKnobs()}
    </div>`;
  }

  #renderComingKnobs(): TemplateResult | typeof nothing {
    return KNOBS.some((name) => this.features.has(name)) ? html`<div class="coming"></div>` : nothing;
  }

  /** An empty row before the server has said which settings the model has: they would move. */
  #renderKnobs(params: Params): TemplateResult | typeof nothing {
    if (!this.client?.welcome) return this.#renderComingKnobs();
    return html`<div class="knobs">
      ${this.#renderSlider(params, 'control', this.strings.controlWords)}
      ${this.#renderSlider(params, 'strength', this.#strengthWords)} ${this.#renderSlider(params, 'steps')}
      ${this.#renderSlider(params, 'guidance')} ${this.#renderSeed(params)} ${this.#renderPreview(params)}
    </div>`;
  }

  #renderPrompt(params: Params): TemplateResult | typeof nothing {
    if (!this.features.has('prompt')) return nothing;
    return html`
      <div class="words-row">
        <label class="prompt">
          <span>${this.strings.prompt}</span>
          <input
            type="text"
            autocomplete="off"
            enterkeyhint="done"
            placeholder=${this.strings.promptHint}
            aria-describedby="unknown"
            maxlength=${this.client?.ranges.prompt.maxLength ?? nothing}
            .value=${params.prompt}
            @input=${(event: InputEvent) => this.#change({ prompt: (event.target as HTMLInputElement).value })}
            @change=${(event: Event) => this.#choose((event.target as HTMLInputElement).value)}
          />
        </label>
        ${this.#renderIdeas()}
      </div>
      ${this.#renderUnknown(params)}
    `;
  }

  /** The dialog's code, the sketches and the pictures are loaded when the ideas are opened. */
  #renderIdeas(): TemplateResult | typeof nothing {
    const prompts = this.client?.welcome?.model.prompts ?? [];
    if (!this.features.has('ideas') || prompts.length === 0) return nothing;
    return html`<button class="ideas" aria-haspopup="dialog" @click=${this.#showIdeas}>
        ${icon('idea')} <span>${this.strings.ideas}</span>
      </button>
      ${
        this.hasIdeas
          ? html`<underpaint-ideas
              .server=${this.server}
              .prompts=${prompts}
              .strings=${this.strings}
              @up-idea=${(event: CustomEvent<Idea>) => this.#take(event.detail)}
            ></underpaint-ideas>`
          : nothing
      }`;
  }

  /** A line that is always there, so that nothing moves, for models that say which words they know. */
  #renderUnknown({ prompt }: Params): TemplateResult | typeof nothing {
    const { vocabulary, prompts } = this.client?.welcome?.model ?? {};
    if (!vocabulary || !prompts) return nothing;
    const unknown = unknownWords(prompt, { vocabulary, prompts });
    return html`<p id="unknown">${unknown.length === 0 ? nothing : this.strings.unknownWords(unknown)}</p>`;
  }

  /** Only models with classifier-free guidance have a negative prompt. */
  #renderNegativePrompt({ negativePrompt }: Params): TemplateResult | typeof nothing {
    if (!this.client?.welcome?.features.includes('negative-prompt')) return nothing;
    if (!this.features.has('negativePrompt')) return nothing;
    return html`<label class="prompt negative">
      <span>${this.strings.negativePrompt}</span>
      <input
        type="text"
        autocomplete="off"
        enterkeyhint="done"
        placeholder=${this.strings.negativePrompt}
        maxlength=${this.client.ranges.prompt.maxLength}
        .value=${negativePrompt}
        @input=${(event: InputEvent) => this.#change({ negativePrompt: (event.target as HTMLInputElement).value })}
        @change=${() => this.client?.flushParams()}
      />
    </label>`;
  }

  /** A model that is also given the sketch as a control follows it at any strength. */
  get #strengthWords(): readonly string[] {
    const { welcome, ranges } = this.client ?? {};
    const isControlled = ranges?.control !== undefined || welcome?.model.startsFromNoise === true;
    return isControlled ? this.strings.strengthWordsWithControl : this.strings.strengthWords;
  }

  #renderSlider(params: Params, name: ParamSlider, scale: readonly string[] = []): TemplateResult | typeof nothing {
    const range = this.client?.ranges[name];
    // A parameter without a choice needs no slider.
    if (range === undefined || range.min === range.max || !this.features.has(name)) return nothing;
    const digits = Math.max(0, -Math.floor(Math.log10(range.step)));
    const value = params[name].toFixed(digits);
    const words = inWords(params[name], range, scale);
    return html`<div class="knob ${name}">
      <label for=${name}>${this.strings[name]}</label>
      <output for=${name} aria-live="off">${words === '' ? nothing : html`<i>${words}</i> `}${value}</output>
      <input
        id=${name}
        type="range"
        aria-valuetext=${words === '' ? nothing : `${value}, ${words}`}
        title=${this.strings.resetHint}
        min=${range.min}
        max=${range.max}
        step=${range.step}
        .value=${String(params[name])}
        @dblclick=${() => this.#reset(name)}
        @input=${(event: InputEvent) => this.#change({ [name]: (event.target as HTMLInputElement).valueAsNumber })}
      />
    </div>`;
  }

  #renderSeed(params: Params): TemplateResult | typeof nothing {
    if (!this.features.has('seed')) return nothing;
    return html`<div class="knob seed">
      <label for="seed">${this.strings.seed}</label>
      <input
        id="seed"
        type="number"
        min="0"
        max="4294967295"
        step="1"
        .value=${String(params.seed)}
        @change=${(event: Event) => this.#change({ seed: (event.target as HTMLInputElement).valueAsNumber || 0 })}
      />
      ${renderIconButton({ shape: icon('dice'), label: this.strings.newSeed, onClick: this.#rollDice })}
      ${renderIconButton({
        shape: icon(this.seedLocked ? 'lock' : 'unlock'),
        label: this.strings.lockSeed,
        isPressed: this.seedLocked,
        onClick: this.#toggleSeedLock,
      })}
    </div>`;
  }

  #renderPreview(params: Params): TemplateResult | typeof nothing {
    // A fast model is finished before a preview would be of use, and says so by its usual value.
    const isUseful = this.client?.welcome?.defaults.preview === true || params.preview;
    if (!isUseful || !this.features.has('preview')) return nothing;
    return html`<label class="preview">
      <input
        type="checkbox"
        .checked=${params.preview}
        @change=${(event: Event) => this.#change({ preview: (event.target as HTMLInputElement).checked })}
      />
      <span>${this.strings.preview}</span>
    </label>`;
  }

  #toggleSeedLock = (): void => {
    this.seedLocked = !this.seedLocked;
    this.dispatchEvent(new CustomEvent('up-seed-lock', { detail: this.seedLocked }));
  };

  #showIdeas = async (): Promise<void> => {
    this.hasIdeas = true;
    await import('../hands.js');
    await this.updateComplete;
    await this.renderRoot.querySelector('underpaint-ideas')?.show();
  };

  /** An idea with a sketch also brings settings; those that it does not name get their usual values. */
  #take({ words: prompt, sketch }: Idea): void {
    const { client } = this;
    if (client === null) return;
    if (sketch === undefined) return this.#choose(prompt);
    const before = client.params;
    const after = { ...client.welcome?.defaults, seed: before.seed, ...sketch.params, prompt };
    this.#change(after);
    client.flushParams();
    const detail = { drawing: sketch.drawing, params: { before, after } };
    this.dispatchEvent(new CustomEvent<ChosenIdea>('up-idea', { detail }));
  }

  #rollDice = (): void => this.#change({ seed: randomSeed() });

  #reset(name: ParamSlider): void {
    const usual = this.client?.welcome?.defaults[name];
    if (usual !== undefined) this.#change({ [name]: usual });
  }

  #choose(prompt: string): void {
    this.#change(this.seedLocked ? { prompt } : { prompt, seed: randomSeed() });
    this.client?.flushParams();
  }

  #change(patch: ParamsPatch): void {
    this.client?.setParams(patch);
    this.requestUpdate();
    this.dispatchEvent(new CustomEvent('up-params', { detail: patch }));
  }
}

/** Short enough to read aloud and to type. */
function randomSeed(): number {
  return Math.floor(Math.random() * 1_000_000);
}

/** The word for a value, of words that divide its range evenly. */
function inWords(value: number, { min, max }: Range, words: readonly string[]): string {
  const share = (value - min) / (max - min);
  return words[Math.min(words.length - 1, Math.floor(share * words.length))] ?? '';
}

declare global {
  interface HTMLElementTagNameMap {
    'underpaint-controls': UnderpaintControls;
  }
  interface HTMLElementEventMap {
    'up-params': CustomEvent<ParamsPatch>;
    'up-seed-lock': CustomEvent<boolean>;
  }
}
