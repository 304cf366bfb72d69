import { createHash } from 'node:crypto';
import { nkeys } from '@nats-io/transport-node';

type KeyPair = ReturnType<typeof nkeys.createUser>;

const NO_LIMITS = { subs: -1, data: -1, payload: -1 };

/** Lines of a server's configuration that trust one operator, and a credentials file of a user under it. */
export function natsOperator(): { readonly config: readonly string[]; readonly creds: string } {
  const [operator, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()];
  const limits = { ...NO_LIMITS, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
  const operatorJwt = signed(operator, operator, { type: 'operator' });
  const accountJwt = signed(operator, account, { type: 'account', limits });
  const userJwt = signed(account, user, { type: 'user', ...NO_LIMITS, pub: {}, sub: {} });
  const preload = `${account.getPublicKey()}: "${accountJwt}"`;
  const seed = Buffer.from(user.getSeed()).toString();
  return {
    config: [`operator: "${operatorJwt}"`, 'resolver: MEMORY', `resolver_preload: { ${preload} }`],
    creds: `${block('NATS USER JWT', userJwt)}\n${block('USER NKEY SEED', seed)}`,
  };
}

/** A token of NATS. Source: NATS docs, "JWTs in detail". */
function signed(issuer: KeyPair, subject: KeyPair, nats: object): string {
  const about = { iat: Math.floor(Date.now() / 1_000), iss: issuer.getPublicKey(), sub: subject.getPublicKey() };
  const claims = { ...about, name: 'test', nats: { ...nats, version: 2 } };
  const jti = createHash('sha256').update(JSON.stringify(claims)).digest('hex');
  const parts = [
    { typ: 'JWT', alg: 'ed25519-nkey' },
    { ...claims, jti },
  ].map((part) => encoded(JSON.stringify(part)));
  const text = parts.join('.');
  return `${text}.${encoded(issuer.sign(Buffer.from(text)))}`;
}

function encoded(bytes: string | Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

function block(name: string, text: string): string {
  return `-----BEGIN ${name}-----\n${text}\n------END ${name}------\n`;
}
