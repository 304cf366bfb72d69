import type { HelloMessage } from '@underpaint/shared';
import type { StreamLink } from './stream-link.js';

/** Returns the access token, or undefined if the server needs none. */
export type TokenProvider = () => string | undefined | Promise<string | undefined>;

export interface HandshakeOptions {
  readonly link: StreamLink;
  readonly tokenProvider?: TokenProvider | undefined;
  /** The name of the program, for the server's log. */
  readonly program?: string | undefined;
  /** Sends a fresh token over the open connection. */
  readonly sendToken: (token: string) => unknown;
}

/** `superseded`: a later connection has started its own handshake. `no-token`: the provider failed. */
export type Greeting = HelloMessage | 'superseded' | 'no-token';

/** A fresh token is asked for this long before the end of a session, or after half of a shorter one. */
const RENEW_BEFORE_MS = 60_000;

/** Makes the first message of every connection, and brings fresh tokens. */
export class Handshake {
  readonly #options: HandshakeOptions;
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: HandshakeOptions) {
    this.#options = options;
  }

  /** @param resume the token of the session to continue, if there is one */
  async greet(resume: string | undefined): Promise<Greeting> {
    const attempt = ++this.#attempt;
    const { link, program, tokenProvider } = this.#options;
    let token: string | undefined;
    try {
      token = await tokenProvider?.();
    } catch {
      return attempt === this.#attempt ? 'no-token' : 'superseded';
    }
    if (attempt !== this.#attempt) return 'superseded';
    return {
      type: 'hello',
      ...(token === undefined ? {} : { token }),
      ...(resume === undefined ? {} : { resume }),
      ...(program === undefined ? {} : { program }),
      ...link.hello,
    };
  }

  /** Asks for a fresh token in time before the session ends. If there is none, the next connection asks again. */
  renewBefore(endsInMs: number | undefined): void {
    this.stop();
    if (endsInMs === undefined) return;
    const attempt = this.#attempt;
    const renew = async () => {
      const token = await this.#options.tokenProvider?.();
      if (token !== undefined && attempt === this.#attempt) this.#options.sendToken(token);
    };
    const waitMs = endsInMs - Math.min(RENEW_BEFORE_MS, endsInMs / 2);
    this.#timer = setTimeout(() => void renew().catch(() => undefined), waitMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
