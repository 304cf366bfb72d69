import type { ReactiveController, ReactiveControllerHost } from 'lit';

const SHOWN_MS = 6_000;

/** Words for the person that go away by themselves. */
export class NoticeController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #words = '';

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  get words(): string {
    return this.#words;
  }

  say(words: string): void {
    clearTimeout(this.#timer);
    this.#words = words;
    if (words !== '') this.#timer = setTimeout(() => this.say(''), SHOWN_MS);
    this.#host.requestUpdate();
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer);
  }
}
