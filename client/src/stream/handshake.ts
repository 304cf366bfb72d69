import type { HelloMessage } from '@underpaint/shared';
import type { StreamLink } from './stream-link.js';

/** Returns the access token, or undefined if the server needs none. */
export type TokenProvider = () => string | undefined | Promise<string | undefined>;

export interface HandshakeOptions {
  readonly link: StreamLink;
  readonly tokenProvider?: TokenProvider | undefined;
  /** The name of the program, for the server's log. */
  readonly program?: string | undefined;
}

/** `superseded`: a later connection has started its own handshake. `no-token`: the provider failed. */
export type Greeting = HelloMessage | 'superseded' | 'no-token';

/** Makes the first message of every connection. */
export class Handshake {
  readonly #options: HandshakeOptions;
  #attempt = 0;

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
}
