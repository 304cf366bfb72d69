import { AttachedController, type AttachedHost } from './attached-controller.js';

/** Updates its host every second while `wanted` returns true. */
export class SecondsController extends AttachedController<AttachedHost> {
  readonly #wanted: () => boolean;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: AttachedHost, wanted: () => boolean) {
    super(host);
    this.#wanted = wanted;
  }

  protected override afterUpdate(): void {
    clearTimeout(this.#timer);
    if (this.#wanted()) this.#timer = setTimeout(() => this.host.requestUpdate(), 1_000);
  }

  protected override detached(): void {
    clearTimeout(this.#timer);
  }
}
