import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { ClientController } from '../../controllers/client-controller.js';
import { SecondsController } from '../../controllers/seconds-controller.js';
import type { StreamClient, StreamState } from '../../stream/stream-client.js';
import { DEFAULT_STRINGS, type Strings } from '../strings.js';
import { theme } from '../theme.styles.js';
import { styles } from './underpaint-status.styles.js';

/** How the stream is doing: its state in words, and how fast it is. Only changes of state are announced. */
export class UnderpaintStatus extends LitElement {
  static override styles = [theme, styles];

  @property({ attribute: false }) client: StreamClient | null = null;
  @property({ attribute: false }) strings: Strings = DEFAULT_STRINGS;

  constructor() {
    super();
    new ClientController(this, ['statechange', 'statistics']);
    new SecondsController(this, () => this.client?.state.status === 'reconnecting');
  }

  override render(): TemplateResult | typeof nothing {
    const state = this.client?.state;
    if (state === undefined) return nothing;
    const canRetry = state.status === 'reconnecting' || state.status === 'offline';
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
    const [median, p90, server] = [values.inputToImageMedianMs, values.inputToImageP90Ms, values.serverMs].map((ms) =>
      ms.toFixed(0),
    ) as [string, string, string];
    return html`<span class="readout" title=${this.strings.readOut({ median, p90, server, dropped: values.dropped })}>
      <span>${this.strings.framesPerSecond(values.framesPerSecond.toFixed(0))}</span>
      <span>${this.strings.latency(median)}</span>
    </span>`;
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
