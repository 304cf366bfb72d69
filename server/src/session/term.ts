import type { Grant } from '../access/grant.js';

export interface TermOptions {
  readonly grant: Grant;
  /** The time is over. */
  readonly onOver: () => void;
  readonly now: () => number;
}

/** The time and the rights of a session. A fresh token renews both. */
export class Term {
  readonly #options: TermOptions;
  #grant: Grant;
  #endMs = Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: TermOptions) {
    this.#options = options;
    this.#grant = options.grant;
    this.#begin();
  }

  get grant(): Grant {
    return this.#grant;
  }

  /** For `welcome` and `renewed`: nothing if the session has no end. */
  get message(): { readonly endsInMs?: number } {
    if (this.#endMs === Infinity) return {};
    return { endsInMs: Math.max(0, Math.floor(this.#endMs - this.#options.now())) };
  }

  renew(grant: Grant): void {
    this.#grant = grant;
    this.#begin();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #begin(): void {
    const { now, onOver } = this.#options;
    const { sessionMs } = this.#grant;
    clearTimeout(this.#timer);
    this.#endMs = now() + sessionMs;
    if (sessionMs < Infinity) this.#timer = setTimeout(onOver, sessionMs);
  }
}
