import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { ClientController } from '../../controllers/client-controller.js';
import { SecondsController } from '../../controllers/seconds-controller.js';
import type { Statistics } from '../../stream/statistics.js';
import type { StreamClient, StreamState } from '../../stream/stream-client.js';
import { DEFAULT_STRINGS, type Strings } from '../strings.js';
import { theme } from '../theme.styles.js';
import { styles } from './underpaint-status.styles.js';

/** How the stream is doing: its state in words, and how fast it is. Only changes of state are announced. */
export class UnderpaintStatus extends LitElement {
  static override styles = [theme, styles];

  /** The stream to tell of. */
  @property({ attribute: false }) client: StreamClient | null = null;
  /** The words it shows and says; `DEFAULT_STRINGS` with some replaced. */
  @property({ attribute: false }) strings: Strings = DEFAULT_STRINGS;

  @state() private open = false;

  constructor() {
    super();
    new ClientController(this, ['statechange', 'statistics']);
    new SecondsController(this, () => this.client?.state.status === 'reconnecting');
  }

  override render(): TemplateResult | typeof nothing {
    const state = this.client?.state;
    if (state === undefined) return nothing;
    const canRetry = ['reconnecting', 'offline', 'ended'].includes(state.status);
    return html`
      ${this.#renderReadOut(state)}
      ${canRetry ? html`<button class="retry" @click=${() => this.client?.retryNow()}>${this.strings.retry}</button>` : nothing}
      <span class="state" data-status=${state.status}>
        <span role="status" aria-label=${this.strings.status} class="spoken">${this.#words(state, false)}</span>
        <span aria-hidden="true">${this.#words(state, true)}</span>
      </span>
    `;
  }

  #renderReadOut(state: StreamState): TemplateResult | typeof nothing {
    const values = this.client?.statistics;
    if (state.status !== 'live' || values === undefined || Number.isNaN(values.inputToImageMedianMs)) return nothing;
    const rate = this.strings.framesPerSecond(values.framesPerSecond.toFixed(0));
    return html`<button
        class="readout"
        aria-expanded=${this.open}
        title=${this.strings.readOut}
        @click=${() => (this.open = !this.open)}
        @keydown=${(event: KeyboardEvent) => event.key === 'Escape' && (this.open = false)}
      >
        <span>${rate}</span>
        <span>${this.strings.latency(values.inputToImageMedianMs.toFixed(0))}</span>
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

  /** The countdown is for the eye only: a screen reader would be told every second. */
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

declare global {
  interface HTMLElementTagNameMap {
    'underpaint-status': UnderpaintStatus;
  }
}
