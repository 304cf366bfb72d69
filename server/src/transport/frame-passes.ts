import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

const SECRET_BYTES = 32;
const VALID_MS = 7 * 24 * 3_600_000;

/**
 * Passes for the page for frames. In a sandboxed frame every page has the origin `null`, so a socket with that origin may be
 * anybody's. A pass shows that it is ours: the server writes one into its page, which other pages cannot read, and only
 * allowed pages can show in a frame.
 */
export class FramePasses {
  readonly #secret: Buffer;
  readonly #now: () => number;

  /** @param now milliseconds of the wall clock */
  constructor(secret: Buffer, now: () => number) {
    this.#secret = secret;
    this.#now = now;
  }

  issue(): string {
    const until = (this.#now() + VALID_MS).toString(36);
    return `${until}.${this.#sign(until)}`;
  }

  isValid(pass: string): boolean {
    const [until = '', signature = ''] = pass.split('.');
    const expected = Buffer.from(this.#sign(until));
    const given = Buffer.from(signature);
    return expected.length === given.length && timingSafeEqual(expected, given) && parseInt(until, 36) > this.#now();
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#secret).update(text).digest('base64url');
  }
}

/** The file of the secret, so that passes outlive a restart of the server. */
export function frameSecretFile(env: Readonly<NodeJS.ProcessEnv>): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'underpaint', 'frame-secret');
}

/** Reads the secret, or makes one. Where no file can be written, passes end with the process. */
export function loadFrameSecret(file: string): Buffer {
  const known = readSecret(file);
  if (known !== null) return known;
  const secret = randomBytes(SECRET_BYTES);
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, secret, { mode: 0o600, flag: 'wx' });
    return secret;
  } catch {
    // Another server may have been faster.
    return readSecret(file) ?? secret;
  }
}

function readSecret(file: string): Buffer | null {
  try {
    const secret = readFileSync(file);
    return secret.length === SECRET_BYTES ? secret : null;
  } catch {
    return null;
  }
}
