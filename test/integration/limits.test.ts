import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Rights } from '../../server/dist/access/claims.js';
import { signJwt } from '../../server/dist/access/jwt.js';
import { readSecret } from '../../server/dist/access/tokens.js';
import type { UnderpaintServer } from '../../server/dist/server.js';
import { RoomClient } from '../helpers/room-client.js';
import { startServer } from '../helpers/start-server.js';
import { TestClient } from '../helpers/test-client.js';
import { ask } from '../helpers/raw-http.js';

const dir = mkdtempSync(join(tmpdir(), 'underpaint-limits-'));
const authSecretFile = join(dir, 'secret');
const auditLog = join(dir, 'audit', 'log');
writeFileSync(authSecretFile, randomBytes(32).toString('base64'));

let server: UnderpaintServer;
let internalPort: number;
beforeAll(async () => {
  internalPort = await freePort();
  server = await startServer({
    device: 'fake:2ms+1ms',
    authSecretFile,
    auditLog,
    internalPort,
    trustedProxies: ['loopback'],
    maxPerAddress: { connections: 2, sessions: 6, messages: 50 },
    maxPerSubject: { sessions: 1 },
    maxMessagesPerSecond: 200,
  });
});
afterAll(async () => {
  await server?.stop();
  rmSync(dir, { recursive: true });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

const token = (sub: string, underpaint: Rights = {}) =>
  signJwt({ sub, aud: 'underpaint', underpaint }, readSecret(authSecretFile), 60);

/** Records of the audit log so far. */
const records = () =>
  readFileSync(auditLog, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const from = (address: string) => ({ headers: { 'X-Forwarded-For': address } });

async function recorded(facts: object): Promise<Record<string, unknown>> {
  return vi.waitFor(() => {
    const found = records().find((record) => Object.entries(facts).every(([name, fact]) => record[name] === fact));
    if (!found) throw new Error(`no record of ${JSON.stringify(facts)} in ${readFileSync(auditLog, 'utf8')}`);
    return found;
  });
}

describe('limits', () => {
  it('refuse more connections of one address with 429, and count that', async () => {
    const clients = [1, 2].map(() => TestClient.open(server.port, from('198.51.100.1')));
    const opened = await Promise.all(clients);
    const upgrade = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13'];
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
    const address = 'X-Forwarded-For: 198.51.100.1';
    const answer = await ask(server.port, 'GET /ws HTTP/1.1', 'Host: localhost', ...upgrade, key, address);
    expect(answer).toContain('429 Too Many Requests');
    expect(answer).toContain('Retry-After: 15');
    (await TestClient.open(server.port, from('198.51.100.2'))).close();
    for (const client of opened) client.close();
    const metrics = await (await fetch(`http://127.0.0.1:${internalPort}/metrics`)).text();
    expect(metrics).toContain('underpaint_refusals_total{what="upgrade",reason="address"} 1');
    await recorded({ event: 'refusal', reason: 'address', address: '198.51.100.1' });
  });

  it('tell a subject with too many sessions when to try again', async () => {
    const first = await TestClient.live(server.port, { token: await token('twice') }, from('198.51.100.3'));
    const second = await TestClient.open(server.port, from('198.51.100.4'));
    second.send({ type: 'hello', token: await token('twice') });
    expect(await second.until('bye')).toEqual({ type: 'bye', code: 1013, reconnectAfterMs: 15_000 });
    expect((await second.untilClosed()).reason).toBe('there are too many sessions with tokens of this name');
    first.close();
    await recorded({ event: 'close', subject: 'twice' });
    (await TestClient.live(server.port, { token: await token('twice') }, from('198.51.100.4'))).close();
  });

  it('let a client back in that resumes before its old connection is noticed to be dead', async () => {
    const first = await TestClient.live(server.port, { token: await token('resumes') }, from('198.51.100.5'));
    const { resume } = first.welcome;
    await TestClient.live(server.port, { token: await token('resumes'), resume }, from('198.51.100.5'));
    expect((await first.untilClosed()).code).toBe(4009);
  });

  it('end a client that sends too many messages, valid or not', async () => {
    const flood = await TestClient.live(server.port, { token: await token('floods') }, from('198.51.100.6'));
    for (let i = 0; i < 300; i++) flood.send({ type: 'params', params: { steps: -1 } });
    expect(await flood.untilClosed()).toEqual({
      code: 1013,
      reason: 'more messages a second came from this address than may',
    });
    expect(flood.all('bye')[0]!.reconnectAfterMs).toBeGreaterThanOrEqual(1_000);
    expect(flood.all('error').length).toBeLessThanOrEqual(205);
  });
});

describe('the internal port', () => {
  it('has health, metrics and facts, which are not on the public one', async () => {
    const paths = ['/healthz', '/readyz', '/api/info', '/metrics'];
    const status = async (port: number, path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
    expect(await Promise.all(paths.map((path) => status(internalPort, path)))).toEqual([200, 200, 200, 200]);
    expect(await Promise.all(paths.map((path) => status(server.port, path)))).toEqual([404, 404, 404, 404]);
    expect([await status(internalPort, '/'), await status(server.port, '/')]).toEqual([404, 200]);
  });

  it('does not compute the metrics for every request', async () => {
    const read = async () => (await fetch(`http://127.0.0.1:${internalPort}/metrics`)).text();
    const texts: string[] = [];
    for (let turn = 0; turn < 60; turn++) texts.push(await read());
    expect(new Set(texts).size).toBeLessThan(40);
  });
});

describe('an operator', () => {
  const call = async (method: string, path: string, rights: Rights | undefined) => {
    const headers = rights && { Authorization: `Bearer ${await token('operator', rights)}` };
    return fetch(`http://127.0.0.1:${server.port}${path}`, { method, ...(headers && { headers }) });
  };

  it('needs a token with that right', async () => {
    const tries = [
      ['GET', '/api/sessions'],
      ['DELETE', '/api/sessions/abc'],
      ['DELETE', '/api/rooms/abc'],
    ] as const;
    for (const [method, path] of tries) {
      expect((await call(method, path, undefined)).status).toBe(401);
      expect((await call(method, path, {})).status).toBe(403);
    }
    expect((await call('DELETE', '/api/sessions/abc', { operator: true })).status).toBe(404);
    expect((await call('DELETE', '/api/rooms/abc', { operator: true })).status).toBe(404);
    expect((await call('POST', '/api/sessions', { operator: true })).status).toBe(405);
  });

  it('sees the sessions, and ends one', async () => {
    const client = await TestClient.live(server.port, { token: await token('kicked') }, from('198.51.100.7'));
    const list = (await (await call('GET', '/api/sessions', { operator: true })).json()) as { subject: string }[];
    const { session } = client.welcome;
    expect(list).toContainEqual({ session, subject: 'kicked', address: '198.51.100.7' });
    expect((await call('DELETE', `/api/sessions/${session}`, { operator: true })).status).toBe(204);
    expect((await client.untilClosed()).code).toBe(4006);
    await recorded({ event: 'operator', session, subject: 'operator' });
  });

  it('ends a room: everybody leaves, and nobody enters it again', async () => {
    const made = await fetch(`http://127.0.0.1:${server.port}/api/rooms`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${await token('maker')}` },
    });
    const { id, edit } = (await made.json()) as { id: string; edit: string };
    const member = await RoomClient.join(server.port, { token: await token('member'), room: edit });
    member.draw(1);
    expect((await call('DELETE', `/api/rooms/${id}`, { operator: true })).status).toBe(204);
    expect((await member.wire.untilClosed()).code).toBe(4006);
    const again = await TestClient.open(server.port);
    again.send({ type: 'hello', token: await token('again'), room: edit, author: 5 });
    expect((await again.untilClosed()).code).toBe(4004);
    await recorded({ event: 'room', room: id, what: 'made', subject: 'maker' });
    await recorded({ event: 'operator', room: id });
  });
});

describe('the audit log', () => {
  it('records who came, was refused and left, and no secret', async () => {
    const good = await token('audited');
    const client = await TestClient.live(server.port, { token: good }, from('198.51.100.8'));
    const { session, resume } = client.welcome;
    expect(await recorded({ event: 'connect', session })).toMatchObject({
      subject: 'audited',
      address: '198.51.100.8',
    });
    client.close();
    expect(await recorded({ event: 'close', session })).toMatchObject({ subject: 'audited', seconds: 0 });
    const refused = await TestClient.open(server.port, from('198.51.100.9'));
    refused.send({ type: 'hello', token: 'word.word.word' });
    await refused.untilClosed();
    const record = await recorded({ event: 'refusal', address: '198.51.100.9' });
    expect(record).toMatchObject({ code: 4003, reason: 'the token is not a JSON Web Token' });
    expect(Date.parse(record['time'] as string)).toBeGreaterThan(Date.now() - 60_000);
    const text = readFileSync(auditLog, 'utf8');
    for (const secret of [good.split('.')[2]!, resume]) expect(text).not.toContain(secret);
  });
});
