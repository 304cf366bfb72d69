import type { Params } from '@underpaint/shared';
import { ClientController } from '../../controllers/client-controller.js';
import type { AttachedHost } from '../../controllers/attached-controller.js';
import type { StreamClient } from '../../stream/stream-client.js';
import type { StreamFailure } from '../../stream/stream-events.js';
import type { StreamState } from '../../stream/stream-options.js';
import type { ShareDetail } from './studio-share.js';
import type { UnderpaintSketch } from '../underpaint-sketch/underpaint-sketch.js';

interface EventsHost extends AttachedHost, EventTarget {
  readonly client: StreamClient | null;
  readonly sketch: UnderpaintSketch;
  choose(name: 'prompt', value: string): void;
}

/** Tells the page what happens in the studio. */
export class StudioEvents {
  readonly #host: EventsHost;
  #status: StreamState | null = null;
  #params = '';
  #drawing: unknown;

  constructor(host: EventsHost) {
    this.#host = host;
    new ClientController(host, {
      statechange: () => this.#tellStatus(),
      streamerror: ({ detail }) => this.#tell<StreamFailure>('up-error', detail),
      params: () => this.tellParams(),
    });
  }

  /** The parameters may be others. */
  tellParams(): void {
    const { client } = this.#host;
    if (client === null) return;
    const { params } = client;
    const text = JSON.stringify(params);
    if (text === this.#params) return;
    this.#params = text;
    this.#host.choose('prompt', params.prompt);
    this.#tell<Params>('up-params', params);
  }

  /** The sheet was painted; perhaps the drawing is another. */
  tellDrawing(): void {
    const { state } = this.#host.sketch;
    if (state === this.#drawing) return;
    this.#drawing = state;
    this.#tell('up-drawing', undefined);
  }

  /** @returns false if the page shows the links itself */
  tellShare(detail: ShareDetail): boolean {
    return this.#host.dispatchEvent(new CustomEvent('up-share', { detail, cancelable: true }));
  }

  #tellStatus(): void {
    const state = this.#host.client?.state ?? null;
    if (state === null || state === this.#status) return;
    this.#status = state;
    this.#tell('up-status', state);
  }

  #tell<Detail>(name: string, detail: Detail): void {
    this.#host.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
