import { html, nothing, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { ClientController } from '../../controllers/client-controller.js';
import { DismissController } from '../../controllers/dismiss-controller.js';
import { SecondsController } from '../../controllers/seconds-controller.js';
import type { Statistics } from '../../stream/statistics.js';
import type { StreamClient } from '../../stream/stream-client.js';
import type { StreamState } from '../../stream/stream-options.js';
import { STUDIO_STRINGS, type StudioStrings } from '../strings/studio.js';
import { TextElement } from '../text-element.js';
import { theme } from '../theme.styles.js';
import { styles } from './underpaint-status.styles.js';

/**
 * Each has an element of its own: one element that grows at the end of a bar would count as a shift of the page's layout.
 */
const STATUSES: readonly StreamState['status'][] = [
  'idle',
  'connecting',
  'waiting',
  'live',
  'reconnecting',
  'offline',
  'ended',
];

/** The state of the stream in words, and its speed. Screen readers hear only changes of the state. */
export class UnderpaintStatus extends TextElement<StudioStrings> {
  static override styles = [theme, styles];
  protected override readonly english = STUDIO_STRINGS;

  /** The stream whose state is shown. */
  @property({ attribute: false }) client: StreamClient | null = null;

  @state() private open = false;

  constructor() {
    super();
    ClientController.updates(this, 'statechange', 'statistics');
    new DismissController(this, { isOpen: () => this.open, close: () => (this.open = false) });
    new SecondsController(this, () => this.client?.state.status === 'reconnecting');
  }

  override render(): TemplateResult | typeof nothing {
    const state = this.client?.state;
    if (state === undefined) return nothing;
    const canRetry = ['reconnecting', 'offline', 'ended'].includes(state.status);
    return html`
      ${this.#renderReadOut(state)}
      ${canRetry ? html`<button class="retry" @click=${() => this.client?.retryNow()}>${this.strings.retry}</button>` : nothing}
      <span role="status" aria-label=${this.strings.status} class="spoken">${this.#words(state, false)}</span>
      ${STATUSES.map((status) => (status === state.status ? this.#renderState(state) : nothing))}
    `;
  }

  #renderState(state: StreamState): TemplateResult {
    return html`<span class="state" data-status=${state.status} aria-hidden="true">${this.#words(state, true)}</span>`;
  }

  #renderReadOut(state: StreamState): TemplateResult | typeof nothing {
    const values = this.client?.statistics;
    if (state.status !== 'live' || values === undefined || Number.isNaN(values.inputToImageMedianMs)) return nothing;
    const { framesPerSecond: rate, inputToImageMedianMs: latency } = values;
    return html`<button
        class="readout"
        aria-expanded=${this.open}
        title=${this.strings.readOut}
        @click=${() => (this.open = !this.open)}
      >
        <span class=${rate < 0.5 ? 'still' : ''}>${this.strings.framesPerSecond(wide(rate, 2))}</span>
        <span>${this.strings.latency(wide(latency, 4))}</span>
      </button>
      ${this.open ? this.#renderFigures(values) : nothing}`;
  }

  #renderFigures(values: Statistics): TemplateResult {
    const { inputToImageMedianMs, inputToImageP90Ms, serverMs, framesPerSecond, dropped } = values;
    const { figures, latency } = this.strings;
    const rows = [
      [figures.rate, framesPerSecond.toFixed(1)],
      [figures.median, latency(inputToImageMedianMs.toFixed(0))],
      [figures.p90, latency(inputToImageP90Ms.toFixed(0))],
      [figures.server, latency(serverMs.toFixed(0))],
      [figures.dropped, String(dropped)],
    ];
    return html`<dl>
      ${rows.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>`;
  }

  /** Screen readers get no countdown: they would speak every second. */
  #words(state: StreamState, withCountdown: boolean): string {
    switch (state.status) {
      case 'idle':
      case 'connecting':
        return this.strings.connecting;
      case 'waiting':
        return this.strings.waiting(state.position);
      case 'live':
        return this.client?.frozen ? this.strings.frozen : this.strings.live;
      case 'reconnecting':
        return this.strings.reconnecting(withCountdown ? Math.ceil((state.retryAt - Date.now()) / 1000) : 0);
      case 'offline':
        return this.strings.offline;
      case 'ended':
        return this.strings.ended(state.code);
    }
  }
}

/** Always as wide as this many digits, so that nothing moves: padded with spaces of the width of a digit. */
function wide(value: number, digits: number): string {
  return value.toFixed(0).padStart(digits, '\u2007');
}

declare global {
  interface HTMLElementTagNameMap {
    'underpaint-status': UnderpaintStatus;
  }
}
