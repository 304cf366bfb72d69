import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Rights } from '../../server/dist/access/claims.js';
import { signJwt } from '../../server/dist/access/jwt.js';
import { readSecret } from '../../server/dist/access/tokens.js';
import { DEFAULTS } from '../../server/dist/config/config.js';
import { startParts } from '../../server/dist/parts.js';
import { UnderpaintServer } from '../../server/dist/server.js';
import { frameJpeg } from '../helpers/pictures.js';
import { RoomClient } from '../helpers/room-client.js';
import { TestClient } from '../helpers/test-client.js';

const dir = mkdtempSync(join(tmpdir(), 'underpaint-tokens-'));
const authSecretFile = join(dir, 'secret');
writeFileSync(authSecretFile, randomBytes(32).toString('base64'));

let server: UnderpaintServer;
let logged = '';
const made: string[] = [];
beforeAll(async () => {
  const config = {
    ...DEFAULTS,
    port: 0,
    workers: 1,
    maxRows: 1,
    refineSteps: 0,
    device: 'fake:2ms+1ms',
    authSecretFile,
  };
  const keep = new Writable({ write: (chunk, _encoding, done) => (void (logged += String(chunk)), done()) });
  const log = pino({ level: 'trace' }, keep);
  server = await UnderpaintServer.start(config, log, await startParts(config, log));
});
afterAll(async () => {
  await server?.stop();
  rmSync(dir, { recursive: true });
});

async function token(underpaint: Rights = {}, sub = 'anna', seconds = 60): Promise<string> {
  const signed = await signJwt({ sub, aud: 'underpaint', underpaint }, readSecret(authSecretFile), seconds);
  made.push(signed);
  return signed;
}

const newKey = () => randomBytes(16).toString('base64url');

async function closeOf(hello: Parameters<typeof TestClient.live>[1]) {
  const client = await TestClient.open(server.port);
  client.send({ type: 'hello', ...hello });
  return client.untilClosed();
}

async function makeRoom(bearer?: string): Promise<Response> {
  const headers = bearer === undefined ? {} : { Authorization: `Bearer ${bearer}` };
  return fetch(`http://127.0.0.1:${server.port}/api/rooms`, { method: 'POST', headers });
}

describe('a server that asks for tokens', () => {
  it('lets clients with a token in', async () => {
    const { welcome } = await TestClient.live(server.port, { token: await token() });
    expect(welcome.endsInMs).toBeUndefined();
    expect(welcome.limits.maxFramesPerSecond).toBe(60);
  });

  it('closes with 4003 and says why', async () => {
    expect(await closeOf({})).toEqual({ code: 4003, reason: 'this server asks for a token' });
    expect(await closeOf({ token: 'word' })).toEqual({ code: 4003, reason: 'the token is not a JSON Web Token' });
    expect(await closeOf({ token: await token({}, 'anna', -60) })).toEqual({
      code: 4003,
      reason: 'the token has expired',
    });
    const watching = await token({ can: 'watch' });
    expect(await closeOf({ token: watching })).toEqual({
      code: 4003,
      reason: 'the token allows only to watch in a room',
    });
    const metrics = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
    expect(metrics).toMatch(/underpaint_refusals_total{what="token",reason="invalid"} [3-9]/);
  });

  it('tells a client the pace of its token', async () => {
    const { welcome } = await TestClient.live(server.port, { token: await token({ fps: 5 }) });
    expect(welcome.limits.maxFramesPerSecond).toBe(5);
  });

  it('renders no more frames a second than the token allows, for one person and in a room', async () => {
    const fast = await TestClient.live(server.port, { token: await token({ fps: 4 }) });
    const room = await RoomClient.join(server.port, { token: await token({ fps: 4 }), room: newKey(), role: 'owner' });
    const pictures = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(async (n) => new Uint8Array(await frameJpeg(n))));
    const startMs = performance.now();
    for (const [index, data] of pictures.entries()) {
      fast.sendFrame(index + 1, data);
      room.sendFrame(index + 1, data);
      // Each frame is rendered before the next one is sent, unless its time has not come.
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    await Promise.all([fast.until('image', ({ seq }) => seq === 8), room.wire.until('image', ({ seq }) => seq === 8)]);
    const allowed = Math.floor((4 * (performance.now() - startMs)) / 1_000) + 2;
    for (const client of [fast, room.wire]) {
      const images = client.all('image').length;
      expect(images).toBeLessThanOrEqual(allowed);
      expect(images + client.all('dropped').length).toBe(8);
    }
  });

  it('ends a session when its time is over', async () => {
    const client = await TestClient.live(server.port, { token: await token({ session: 1 }) });
    expect(client.welcome.endsInMs).toBeGreaterThan(500);
    expect(await client.untilClosed()).toEqual({ code: 4003, reason: 'the time of this session is over' });
  });

  it('goes on with a fresh token over the same socket', async () => {
    const client = await TestClient.live(server.port, { token: await token({ session: 1 }) });
    client.send({ type: 'token', token: await token({ session: 600 }) });
    expect((await client.until('renewed')).endsInMs).toBeGreaterThan(590_000);
    client.send({ type: 'token', token: await token() });
    expect(await client.until('renewed', ({ endsInMs }) => endsInMs === undefined)).toEqual({ type: 'renewed' });
  });

  it.each<[string, () => Promise<string>, string]>([
    ['somebody else', () => token({}, 'ben'), 'connect again'],
    ['other things', () => token({ can: 'watch' }), 'connect again'],
    ['nobody', () => Promise.resolve('word'), 'not a JSON Web Token'],
  ])('closes with 4003 on a fresh token for %s', async (_name, fresh, reason) => {
    const client = await TestClient.live(server.port, { token: await token() });
    client.send({ type: 'token', token: await fresh() });
    const closed = await client.untilClosed();
    expect(closed.code).toBe(4003);
    expect(closed.reason).toContain(reason);
  });

  it('makes rooms over HTTP only for a token that may', async () => {
    expect((await makeRoom()).status).toBe(401);
    expect((await makeRoom('word')).headers.get('www-authenticate')).toBe('Bearer');
    expect((await makeRoom(await token({ make: false }))).status).toBe(403);
    const made = await makeRoom(await token());
    expect(made.status).toBe(201);
    expect(Object.keys((await made.json()) as object)).toEqual(['id', 'owner', 'edit', 'view']);
  });

  it('opens the rooms that a token names, and those that it may make', async () => {
    const ours = (await (await makeRoom(await token())).json()) as Record<'id' | 'edit' | 'view', string>;
    const theirs = (await (await makeRoom(await token())).json()) as Record<'id' | 'owner' | 'edit', string>;
    const onlyOurs = await token({ rooms: [ours.id], make: false });
    const member = await RoomClient.join(server.port, { token: onlyOurs, room: ours.edit });
    expect(member.room.role).toBe('editor');
    expect((await closeOf({ token: onlyOurs, author: 1, room: theirs.edit })).reason).toBe(
      'the token does not allow this room',
    );
    expect((await closeOf({ token: onlyOurs, author: 1, room: theirs.owner, role: 'owner' })).code).toBe(4003);
    expect((await closeOf({ token: onlyOurs, author: 1, room: newKey(), role: 'owner' })).reason).toBe(
      'the token does not allow to make rooms',
    );
    const maker = await token({ rooms: [] });
    await RoomClient.join(server.port, { token: maker, room: newKey(), role: 'owner' });
    expect((await closeOf({ token: maker, author: 1, room: theirs.edit })).code).toBe(4003);
  });

  it('lets somebody who may only watch into a room as a viewer, whatever the key is', async () => {
    const { owner } = (await (await makeRoom(await token())).json()) as { owner: string };
    const viewer = await RoomClient.join(server.port, {
      token: await token({ can: 'watch' }),
      room: owner,
      role: 'owner',
    });
    expect(viewer.room.role).toBe('viewer');
    expect(viewer.room.edit).toBeUndefined();
  });

  it('writes no token into its log', () => {
    expect(made.length).toBeGreaterThan(10);
    expect(logged).toContain('"msg"');
    for (const one of made) for (const piece of one.split('.').slice(1)) expect(logged).not.toContain(piece);
  });
});
