import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors,
  jwtVerify,
  SignJWT,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import { TokenError } from './token-error.js';

/*
 * The only file that knows jose. It is loaded only when tokens are configured.
 */

/** Each kind of key has algorithms of its own, so that a public key can never count as a secret (RFC 8725, section 3.1). */
const SECRET_ALGORITHMS = ['HS256', 'HS384', 'HS512'];
const KEY_SET_ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
/** By how much the clocks of the issuer and of this server may differ. */
const CLOCK_TOLERANCE_S = 10;
const FETCH_TIMEOUT_MS = 5_000;

export interface JwtKeys {
  /** For tokens signed with HMAC. */
  readonly secret?: Uint8Array | undefined;
  /** For tokens signed with a private key: the address of the public ones, or a parsed JSON Web Key Set. */
  readonly keySet?: URL | object | undefined;
  /** What the claim `aud` must name. */
  readonly audience: string;
}

/** Checks the signature and the times of a token as of a moment, and returns its claims. */
export type VerifyJwt = (token: string, nowMs: number) => Promise<unknown>;

/** @throws Error if the key set is not one */
export function createJwtVerifier({ secret, keySet, audience }: JwtKeys): VerifyJwt {
  const publicKey = keySet && publicKeyOf(keySet);
  return async (token, nowMs) => {
    const options = {
      audience,
      currentDate: new Date(nowMs),
      clockTolerance: CLOCK_TOLERANCE_S,
      requiredClaims: ['sub', 'exp'],
    };
    const isOfSecret = SECRET_ALGORITHMS.includes(algorithmOf(token));
    const key = isOfSecret ? secret : publicKey;
    if (!key) throw new TokenError('the token is signed in a way that this server does not accept');
    try {
      const { payload } =
        typeof key === 'function'
          ? await jwtVerify(token, key, { ...options, algorithms: KEY_SET_ALGORITHMS })
          : await jwtVerify(token, key, { ...options, algorithms: SECRET_ALGORITHMS });
      return payload;
    } catch (error) {
      throw error instanceof TokenError ? error : new TokenError(wordsFor(error));
    }
  };
}

function algorithmOf(token: string): string {
  try {
    return decodeProtectedHeader(token).alg ?? '';
  } catch {
    throw new TokenError('the token is not a JSON Web Token');
  }
}

function publicKeyOf(keySet: URL | object): JWTVerifyGetKey {
  // It is fetched when a token needs it, kept, and fetched again for a key that is not in it, every 30 s at most.
  const find =
    keySet instanceof URL
      ? createRemoteJWKSet(keySet, { timeoutDuration: FETCH_TIMEOUT_MS })
      : createLocalJWKSet(keySet as JSONWebKeySet);
  return async (header, token) => {
    try {
      return await find(header, token);
    } catch (error) {
      if (isOfToken(error)) throw new TokenError('the token is signed with a key that this server does not know');
      throw new TokenError('the keys for checking tokens cannot be had at the moment', {
        why: 'unavailable',
        cause: error,
      });
    }
  };
}

/** Whether the key set was there, and has no one key for this token. */
function isOfToken(error: unknown): boolean {
  const { JWKSNoMatchingKey, JWKSMultipleMatchingKeys, JOSENotSupported } = errors;
  return [JWKSNoMatchingKey, JWKSMultipleMatchingKeys, JOSENotSupported].some((kind) => error instanceof kind);
}

/** What the owner of a token may know: no more than it could read in the token itself. */
function wordsFor(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed) return `the token's claim ${error.claim} is missing or wrong`;
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'the signature of the token is wrong';
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid)
    return 'the token is not a JSON Web Token';
  return 'the token is signed in a way that this server does not accept';
}

/**
 * Signs claims with a secret.
 *
 * @param seconds until the token expires
 */
export function signJwt(claims: JWTPayload, secret: Uint8Array, seconds: number): Promise<string> {
  const expires = Math.floor(Date.now() / 1_000) + seconds;
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(secret);
}
