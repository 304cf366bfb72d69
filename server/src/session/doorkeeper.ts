import { CLOSE, type HelloMessage } from '@underpaint/shared';
import type { Grant } from '../access/grant.js';
import { TokenError } from '../access/token-error.js';
import type { Tokens } from '../access/tokens.js';
import type { Metrics } from '../metrics.js';
import type { Creator, Rejection, Visitor } from './participant.js';

export interface DoorkeeperOptions {
  readonly tokens: Tokens;
  readonly rooms: {
    /** Checks that the room in a hello can be entered, and creates it if it is new. */
    prepare(hello: HelloMessage, by: Creator): Promise<Rejection | undefined>;
  };
  readonly metrics: Pick<Metrics, 'refusals'>;
}

/** Decides by its token what a client may do. */
export class Doorkeeper {
  readonly #options: DoorkeeperOptions;

  constructor(options: DoorkeeperOptions) {
    this.#options = options;
  }

  /** What a client may do that said hello. */
  async admit(hello: HelloMessage, { address, helloAtMs }: Visitor): Promise<Grant | Rejection> {
    const grant = await this.#read(hello.token, helloAtMs);
    if ('reason' in grant) return grant;
    if (hello.room === undefined) return grant.mayDraw ? grant : this.#refuse('forbidden', MAY_ONLY_WATCH);
    return (await this.#options.rooms.prepare(hello, { address, grant })) ?? grant;
  }

  /** What a fresh token allows; undefined if that cannot be said now. */
  async renew(token: string): Promise<Grant | Rejection | undefined> {
    const grant = await this.#read(token);
    return 'reason' in grant && grant.code !== CLOSE.notAuthorised ? undefined : grant;
  }

  async #read(token: string | undefined, sentMs?: number): Promise<Grant | Rejection> {
    try {
      return await this.#options.tokens.read(token, sentMs);
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      const code = error.why === 'invalid' ? CLOSE.notAuthorised : CLOSE.tryAgainLater;
      return this.#refuse(error.why, { code, reason: error.message });
    }
  }

  #refuse(reason: string, rejection: Rejection): Rejection {
    this.#options.metrics.refusals.inc({ what: 'token', reason });
    return rejection;
  }
}

const MAY_ONLY_WATCH: Rejection = { code: CLOSE.notAuthorised, reason: 'the token allows only to watch in a room' };
