import { readFileSync } from 'node:fs';
import { UsageError } from '../errors.js';
import type { Logger } from '../logger.js';
import { logBudget } from '../token-bucket.js';
import { OPEN_GRANT, type Grant } from './grant.js';
import { TokenError } from './token-error.js';

export interface TokensOptions {
  /** File with the secret of tokens signed with HMAC; empty for none. */
  readonly authSecretFile: string;
  /** Address or file of the public keys of tokens; empty for none. */
  readonly authJwks: string;
  /** What the claim `aud` must name. */
  readonly authAudience: string;
}

/** What a SHA-256 gives; fewer bytes can be guessed from a token without asking the server. */
const MIN_SECRET_BYTES = 32;
const MAX_TOKEN_CHARS = 8_192;

/** @throws TokenError */
type CheckToken = (token: string, nowMs: number) => Promise<Grant>;

/** Reads the tokens of clients, if the server asks for them. */
export class Tokens {
  readonly #check: CheckToken | undefined;
  readonly #log: Pick<Logger, 'warn'>;
  readonly #logs = logBudget(() => performance.now());

  private constructor(check: CheckToken | undefined, log: Pick<Logger, 'warn'>) {
    this.#check = check;
    this.#log = log;
  }

  /**
   * Reads the keys. The libraries for tokens are loaded only if there are any.
   *
   * @throws UsageError if a file cannot be used
   */
  static async open(options: TokensOptions, log: Pick<Logger, 'warn'>): Promise<Tokens> {
    const { authSecretFile, authJwks, authAudience: audience } = options;
    if (authSecretFile === '' && authJwks === '') return new Tokens(undefined, log);
    const [{ createJwtVerifier }, { readClaims }] = await Promise.all([import('./jwt.js'), import('./claims.js')]);
    const secret = authSecretFile === '' ? undefined : readSecret(authSecretFile);
    try {
      const verify = createJwtVerifier({ secret, keySet: keySetOf(authJwks, log), audience });
      return new Tokens(async (token, nowMs) => readClaims(await verify(token, nowMs)), log);
    } catch (error) {
      if (error instanceof UsageError) throw error;
      throw new UsageError(`--auth-jwks ${authJwks} is not a JSON Web Key Set`, { cause: error });
    }
  }

  /** Whether clients need a token. */
  get areNeeded(): boolean {
    return this.#check !== undefined;
  }

  /**
   * Reads a token.
   *
   * @param nowMs the time at which its owner sent it, by the wall clock
   * @throws TokenError
   */
  async read(token: string | undefined, nowMs = Date.now()): Promise<Grant> {
    if (!this.#check) return OPEN_GRANT;
    if (token === undefined) throw new TokenError('this server asks for a token');
    if (token.length > MAX_TOKEN_CHARS) throw new TokenError(`the token is longer than ${MAX_TOKEN_CHARS} characters`);
    try {
      return await this.#check(token, nowMs);
    } catch (error) {
      if (error instanceof TokenError && error.why === 'unavailable' && this.#logs.take(1)) {
        this.#log.warn({ err: error.cause }, 'the keys of --auth-jwks cannot be had: nobody new can connect');
      }
      throw error;
    }
  }
}

/** @throws UsageError if the file has no secret that is long enough */
export function readSecret(file: string): Uint8Array {
  const secret = Buffer.from(readFileSync(file, 'latin1').trim(), 'latin1');
  if (secret.length >= MIN_SECRET_BYTES) return new Uint8Array(secret);
  const cure = `openssl rand -base64 48 > ${file}`;
  throw new UsageError(`the secret in ${file} must have at least ${MIN_SECRET_BYTES} bytes; to make one: ${cure}`);
}

function keySetOf(written: string, log: Pick<Logger, 'warn'>): URL | object | undefined {
  if (written === '') return undefined;
  if (!/^https?:/i.test(written)) return JSON.parse(readFileSync(written, 'utf8')) as object;
  const url = new URL(written);
  if (url.protocol === 'http:' && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)) {
    log.warn('the keys of --auth-jwks come over plain http, so an attacker on the network could replace them');
  }
  return url;
}
