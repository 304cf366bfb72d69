import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPEN_GRANT } from '../../../../server/src/access/grant.js';
import { signJwt } from '../../../../server/src/access/jwt.js';
import { TokenError } from '../../../../server/src/access/token-error.js';
import { readSecret, Tokens } from '../../../../server/src/access/tokens.js';
import { UsageError } from '../../../../server/src/errors.js';

const dir = mkdtempSync(join(tmpdir(), 'underpaint-tokens-'));
afterAll(() => rmSync(dir, { recursive: true }));
const secretFile = join(dir, 'secret');
const SECRET = 'an example of a secret that is long enough';
writeFileSync(secretFile, `${SECRET}\n`);

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
const jwkOf = (key: KeyObject, kid: string) => ({ ...key.export({ format: 'jwk' }), kid, use: 'sig' });
const keySet = {
  keys: [jwkOf(rsa.publicKey, 'rsa'), jwkOf(ec.publicKey, 'ec'), jwkOf(ed.publicKey, 'ed')] as object[],
};
const keysFile = join(dir, 'keys.json');
writeFileSync(keysFile, JSON.stringify(keySet));

const log: string[] = [];
const open = (options: Partial<Parameters<typeof Tokens.open>[0]> = {}) =>
  Tokens.open(
    { authSecretFile: '', authJwks: '', authAudience: 'underpaint', ...options },
    { warn: (...words: unknown[]) => void log.push(JSON.stringify(words)) },
  );

const inAMinute = () => Math.floor(Date.now() / 1_000) + 60;
const CLAIMS = { sub: 'anna', aud: 'underpaint' };
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token made by hand, so that it need not be a good one. */
function make(header: object, claims: object, signer: (text: string) => Buffer): string {
  const text = `${part(header)}.${part({ exp: inAMinute(), ...claims })}`;
  return `${text}.${signer(text).toString('base64url')}`;
}
const hmac = (secret: string | Buffer) => (text: string) => createHmac('sha256', secret).update(text).digest();
const bySecret = (claims: object) => make({ alg: 'HS256' }, claims, hmac(SECRET));

async function refusal(tokens: Tokens, token: string | undefined): Promise<string> {
  const error = await tokens.read(token).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TokenError)) throw new Error('the token was accepted');
  return error.message;
}

describe('without keys', () => {
  it('everybody may do everything but operate the server, whatever the token is', async () => {
    const tokens = await open();
    expect(tokens.areNeeded).toBe(false);
    expect(await tokens.read(undefined)).toBe(OPEN_GRANT);
    expect(await tokens.read('anything')).toMatchObject({ isOperator: false });
  });
});

describe('with a secret', () => {
  let tokens: Tokens;
  beforeAll(async () => void (tokens = await open({ authSecretFile: secretFile })));

  it('a token that restricts nothing allows everything but to operate', async () => {
    expect(await tokens.read(bySecret(CLAIMS))).toEqual({ ...OPEN_GRANT, subject: 'anna' });
  });

  it('every claim is read', async () => {
    const underpaint = {
      ...{ session: 90, can: 'draw', make: false, rooms: ['a', 'b'] },
      ...{ fps: 12, sessions: 2, weight: 0.5, operator: true },
    };
    expect(await tokens.read(bySecret({ ...CLAIMS, underpaint }))).toEqual({
      subject: 'anna',
      sessionMs: 90_000,
      mayDraw: true,
      mayMakeRooms: false,
      rooms: new Set(['a', 'b']),
      framesPerSecond: 12,
      sessions: 2,
      weight: 0.5,
      isOperator: true,
    });
  });

  it('somebody who may only watch makes no rooms', async () => {
    const grant = await tokens.read(bySecret({ ...CLAIMS, underpaint: { can: 'watch', make: true } }));
    expect(grant).toMatchObject({ mayDraw: false, mayMakeRooms: false });
  });

  it.each<[string, object, string]>([
    ['no subject', { aud: 'underpaint' }, "the token's claim sub is missing or wrong"],
    ['an empty subject', { ...CLAIMS, sub: '' }, "the token's claim sub is missing, wrong or not known"],
    ['no audience', { sub: 'anna' }, "the token's claim aud is missing or wrong"],
    ['another audience', { ...CLAIMS, aud: 'mail' }, "the token's claim aud is missing or wrong"],
    ['an expiry in the past', { ...CLAIMS, exp: 1_000 }, 'the token has expired'],
    ['an expiry in words', { ...CLAIMS, exp: 'soon' }, "the token's claim exp is missing or wrong"],
    ['no expiry', { ...CLAIMS, exp: undefined }, "the token's claim exp is missing or wrong"],
    ['a start in the future', { ...CLAIMS, nbf: inAMinute() }, "the token's claim nbf is missing or wrong"],
    [
      'a right that is not known',
      { ...CLAIMS, underpaint: { sesion: 60 } },
      'underpaint.sesion is missing, wrong or not',
    ],
    [
      'a right of another kind',
      { ...CLAIMS, underpaint: { fps: '5' } },
      'underpaint.fps is missing, wrong or not known',
    ],
    ['a session without time', { ...CLAIMS, underpaint: { session: 0 } }, 'underpaint.session is missing'],
    ['a weight of nothing', { ...CLAIMS, underpaint: { weight: 0 } }, 'underpaint.weight is missing'],
  ])('a token with %s is refused', async (_name, claims, message) => {
    expect(await refusal(tokens, bySecret(claims))).toContain(message);
  });

  it.each<[string, () => string | undefined, string]>([
    ['none', () => undefined, 'this server asks for a token'],
    ['an empty one', () => '', 'not a JSON Web Token'],
    ['a word', () => 'word', 'not a JSON Web Token'],
    ['an unsigned one', () => make({ alg: 'none' }, CLAIMS, () => Buffer.alloc(0)), 'signed in a way'],
    ['one without algorithm', () => make({}, CLAIMS, hmac(SECRET)), 'signed in a way'],
    [
      'one of another secret',
      () => make({ alg: 'HS256' }, CLAIMS, hmac('other')),
      'the signature of the token is wrong',
    ],
    ['one of a private key', () => make({ alg: 'RS256' }, CLAIMS, rsaSign), 'signed in a way'],
    [
      'one that was changed',
      () => bySecret(CLAIMS).replace(/\.[^.]*\./, `.${part({ ...CLAIMS, exp: 9e9 })}.`),
      'signature',
    ],
    ['a very long one', () => 'a'.repeat(9_000), 'longer than'],
  ])('%s is refused, in words that repeat nothing of it', async (_name, token, message) => {
    const words = await refusal(tokens, token());
    expect(words).toContain(message);
    for (const piece of token()
      ?.split('.')
      .filter((text) => text.length > 20) ?? [])
      expect(words).not.toContain(piece);
  });

  it('the window to connect is judged by the time at which the token was sent', async () => {
    const token = bySecret({ ...CLAIMS, exp: 1_000_000 });
    expect(await tokens.read(token, 999_000_000)).toMatchObject({ subject: 'anna' });
    await expect(tokens.read(token, 1_011_000_000)).rejects.toThrow('expired');
  });

  it('takes what our own command makes', async () => {
    const token = await signJwt({ ...CLAIMS, underpaint: { fps: 3 } }, readSecret(secretFile), 30);
    expect(await tokens.read(token)).toMatchObject({ subject: 'anna', framesPerSecond: 3 });
  });
});

const rsaSign = (text: string) => sign('sha256', Buffer.from(text), rsa.privateKey);
const ecSign = (text: string) => sign('sha256', Buffer.from(text), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' });
const edSign = (text: string) => sign(null, Buffer.from(text), ed.privateKey);

describe('with public keys in a file', () => {
  let tokens: Tokens;
  beforeAll(async () => void (tokens = await open({ authJwks: keysFile })));

  it.each([
    ['RS256', 'rsa', rsaSign],
    ['ES256', 'ec', ecSign],
    ['EdDSA', 'ed', edSign],
  ] as const)('%s is accepted', async (alg, kid, signer) => {
    expect(await tokens.read(make({ alg, kid }, CLAIMS, signer))).toMatchObject({ subject: 'anna' });
  });

  it('a public key does not count as a secret', async () => {
    const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' });
    for (const secret of [pem, keySet.keys[0] && JSON.stringify(keySet.keys[0])]) {
      const token = make({ alg: 'HS256', kid: 'rsa' }, CLAIMS, hmac(secret as string));
      expect(await refusal(tokens, token)).toContain('signed in a way');
      const both = await open({ authJwks: keysFile, authSecretFile: secretFile });
      expect(await refusal(both, token)).toContain('signature');
    }
  });

  it('a secret in the set signs nothing', async () => {
    const file = join(dir, 'with-secret.json');
    const secret = { kty: 'oct', kid: 's', k: Buffer.from(SECRET).toString('base64url'), alg: 'HS256' };
    writeFileSync(file, JSON.stringify({ keys: [secret] }));
    const token = make({ alg: 'HS256', kid: 's' }, CLAIMS, hmac(SECRET));
    expect(await refusal(await open({ authJwks: file }), token)).toContain('signed in a way');
  });

  it('a key that is not in the set is refused', async () => {
    const other = generateKeyPairSync('ed25519');
    const signer = (text: string) => sign(null, Buffer.from(text), other.privateKey);
    expect(await refusal(tokens, make({ alg: 'EdDSA', kid: 'new' }, CLAIMS, signer))).toContain('does not know');
    expect(await refusal(tokens, make({ alg: 'EdDSA', kid: 'ed' }, CLAIMS, signer))).toContain('signature');
  });

  it('together with a secret both kinds are accepted', async () => {
    const both = await open({ authJwks: keysFile, authSecretFile: secretFile });
    expect(await both.read(bySecret(CLAIMS))).toMatchObject({ subject: 'anna' });
    expect(await both.read(make({ alg: 'EdDSA', kid: 'ed' }, CLAIMS, edSign))).toMatchObject({ subject: 'anna' });
  });
});

describe('with public keys at an address', () => {
  let server: Server;
  let asked = 0;
  let isDown = false;
  beforeAll(async () => {
    server = createServer((_request, response) => {
      asked += 1;
      response.writeHead(isDown ? 500 : 200).end(JSON.stringify(keySet));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => server.close());
  const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;

  it('fetches them once for many tokens', async () => {
    const tokens = await open({ authJwks: address() });
    expect(asked).toBe(0);
    for (let turn = 0; turn < 3; turn++) await tokens.read(make({ alg: 'EdDSA', kid: 'ed' }, CLAIMS, edSign));
    expect(asked).toBe(1);
  });

  it('says that it is not the fault of the token when they cannot be had, and logs that once', async () => {
    isDown = true;
    const tokens = await open({ authJwks: address() });
    for (let turn = 0; turn < 3; turn++) {
      const reading = tokens.read(make({ alg: 'EdDSA', kid: 'ed' }, CLAIMS, edSign));
      await expect(reading).rejects.toMatchObject({ why: 'unavailable' });
    }
    expect(log).toHaveLength(1);
  });
});

describe('keys that cannot be used', () => {
  it.each<[string, () => Partial<Parameters<typeof Tokens.open>[0]>, string]>([
    ['a short secret', () => ({ authSecretFile: written('short', 'secret') }), 'at least 32 bytes'],
    ['a set that is not JSON', () => ({ authJwks: written('words.json', 'words') }), 'is not a JSON Web Key Set'],
    ['a set without keys', () => ({ authJwks: written('empty.json', '{}') }), 'is not a JSON Web Key Set'],
  ])('%s', async (_name, options, message) => {
    await expect(open(options())).rejects.toThrow(UsageError);
    await expect(open(options())).rejects.toThrow(message);
  });

  function written(name: string, text: string): string {
    const file = join(dir, name);
    writeFileSync(file, text);
    return file;
  }
});
