import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Renders its host every second while `wanted` says so. */
export class SecondsController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #wanted: () => boolean;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: ReactiveControllerHost, wanted: () => boolean) {
    this.#host = host;
    this.#wanted = wanted;
    host.addController(this);
  }

  hostUpdated(): void {
    clearTimeout(this.#timer);
    if (this.#wanted()) this.#timer = setTimeout(() => this.#host.requestUpdate(), 1_000);
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer);
  }
}
