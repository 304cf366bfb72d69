import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { frameJpeg } from '../helpers/pictures.js';
import { RoomClient } from '../helpers/room-client.js';
import { QUICK } from '../helpers/serve.js';
import { eventually, isListening, Started } from '../helpers/started.js';
import { TestClient } from '../helpers/test-client.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COMMAND = join(ROOT, 'server/bin/underpaint.js');
const tls = (name: string) => fileURLToPath(new URL(`../fixtures/tls/${name}.pem`, import.meta.url));
const FAKE = ['--port', '0', '--device', 'fake:1ms+1ms'] as const;
const REAL = ['--port', '0', ...QUICK, '--device', 'cpu'] as const;

let dir: string;
const started: Started[] = [];
const frozen: number[] = [];

beforeEach(async () => void (dir = await mkdtemp(join(tmpdir(), 'underpaint-stop-'))));
afterEach(async () => {
  await Promise.all(started.splice(0).map((one) => one.kill()));
  for (const pid of frozen.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  await rm(dir, { recursive: true, force: true });
});

function start(command: string, args: readonly string[], options = {}): Started {
  const one = new Started(command, args, options);
  started.push(one);
  return one;
}

function serve(...args: readonly string[]): Started {
  return start(process.execPath, [COMMAND, 'serve', ...args]);
}

async function workerPid(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/api/info`);
  const { workers } = (await response.json()) as { workers: { pid: number }[] };
  return workers[0]!.pid;
}

/** Stops a worker so that it neither answers nor ends. */
function freeze(pid: number): void {
  frozen.push(pid);
  process.kill(pid, 'SIGSTOP');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A member of a new room that has just changed something, and the room's file. */
async function changedRoom(port: number): Promise<{ member: RoomClient; file: string; prompt: string }> {
  const response = await fetch(`http://127.0.0.1:${port}/api/rooms`, { method: 'POST' });
  const { owner } = (await response.json()) as { owner: string };
  const member = await RoomClient.join(port, { room: owner });
  const isWritten = async () => (await readdir(dir)).some((name) => name.endsWith('.room'));
  await eventually(isWritten);
  const file = join(
    dir,
    (await readdir(dir)).find((name) => name.endsWith('.room'))!,
  );
  return { member, file, prompt: `a lake at ${Date.now()}` };
}

describe('npm start', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('passes %s on: the server stops and frees its port', async (signal) => {
    const npm = start('npm', ['start', '--', ...FAKE], { cwd: ROOT });
    const port = await npm.port();
    npm.signal(signal);
    expect(await npm.ended).toMatchObject({ code: 0 });
    expect(npm.output).toContain('"msg":"stopped"');
    expect(await isListening(port)).toBe(false);
  });

  it('counts a Ctrl-C once, although it reaches npm and the server', async () => {
    const npm = start('npm', ['start', '--', ...REAL], { cwd: ROOT, detached: true });
    await npm.port();
    npm.signal('SIGINT', { group: true });
    expect(await npm.ended).toMatchObject({ code: 0 });
    expect(npm.output).toContain('"msg":"stopped"');
    expect(npm.output).not.toContain('the worker died');
  });

  it('paints with code from strings forbidden, in the worker too', async () => {
    const npm = start('npm', ['start', '--', ...REAL], { cwd: ROOT });
    const port = await npm.port();
    const worker = readFileSync(`/proc/${await workerPid(port)}/cmdline`, 'utf8').split('\0');
    expect(worker).toContain('--disallow-code-generation-from-strings');
    const client = await TestClient.live(port);
    client.sendFrame(1, await frameJpeg(1));
    await client.until('image');
    npm.signal('SIGTERM');
    expect(await npm.ended).toMatchObject({ code: 0 });
  });

  it('run as npx underpaint serve leaves no server behind', async () => {
    const npx = start('npx', ['underpaint', 'serve', ...FAKE], { cwd: ROOT });
    const port = await npx.port();
    npx.signal('SIGTERM');
    await npx.ended;
    await eventually(async () => !(await isListening(port)));
  });
});

describe('SIGTERM', () => {
  it('gives every frame its end, and spreads the return of the clients', async () => {
    const server = serve('--port', '0', '--device', 'fake:150ms+1ms');
    const port = await server.port();
    const clients = await Promise.all(Array.from({ length: 8 }, () => TestClient.live(port)));
    for (const client of clients) {
      for (let seq = 1; seq <= 3; seq++) {
        client.sendFrame(seq, Buffer.from(`frame ${seq}`));
        await sleep(10);
      }
    }
    server.signal('SIGTERM');
    for (const client of clients) {
      expect((await client.untilClosed()).code).toBe(1012);
      const ends = [
        ...client.all('image').filter(({ final }) => final),
        ...client.all('dropped'),
        ...client.all('error'),
      ];
      expect(ends.map(({ seq }) => seq).sort()).toEqual([1, 2, 3]);
    }
    const waits = clients.map((client) => client.all('bye')[0]!.reconnectAfterMs!);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(1_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(4_000);
    expect(new Set(waits).size).toBeGreaterThan(4);
    expect(await server.ended).toMatchObject({ code: 0 });
  });

  it('that meets a worker that hangs fails its frame in time, and leaves nothing behind', async () => {
    const server = serve(...REAL, '--drain-seconds', '3');
    const port = await server.port();
    const client = await TestClient.live(port);
    const worker = await workerPid(port);
    freeze(worker);
    client.sendFrame(1, await frameJpeg(1));
    client.sendFrame(2, await frameJpeg(2));
    client.sendFrame(3, await frameJpeg(3));
    await sleep(200);
    server.signal('SIGTERM');
    await client.untilClosed();
    const ends = [...client.all('dropped'), ...client.all('error')].map(({ type, seq }) => [seq, type]);
    expect(ends.sort()).toEqual([
      [1, 'error'],
      [2, 'dropped'],
      [3, 'dropped'],
    ]);
    expect(client.all('error')[0]).toMatchObject({ code: 'worker-failed', retryable: true });
    expect(client.all('dropped').map(({ reason }) => reason)).toEqual(['replaced', 'stopping']);
    // Out of time, it would end by a signal and say so.
    expect((await server.ended).code).toBe(0);
    expect(isAlive(worker)).toBe(false);
  });

  it('writes the rooms first', async () => {
    const server = serve(...REAL, '--rooms-dir', dir, '--drain-seconds', '30');
    const port = await server.port();
    const { member, file, prompt } = await changedRoom(port);
    freeze(await workerPid(port));
    member.sendFrame(1, new Uint8Array(await frameJpeg(1)));
    member.wire.send({ type: 'params', params: { prompt } });
    await member.wire.until('params', ({ params }) => params.prompt === prompt);
    expect((await readFile(file)).includes(prompt)).toBe(false);
    server.signal('SIGTERM');
    // Long before the frame's time is over, and before the next of the regular saves.
    await eventually(async () => (await readFile(file)).includes(prompt), 4_000);
    expect(member.wire.closed).toBeUndefined();
  });

  it('that meets a disk that hangs ends within its time', async () => {
    const server = serve(...FAKE, '--rooms-dir', dir, '--drain-seconds', '2');
    const port = await server.port();
    const { member, file, prompt } = await changedRoom(port);
    // Opening a pipe that nobody reads hangs as a lost network disk does.
    execFileSync('mkfifo', [`${file}.tmp`]);
    member.wire.send({ type: 'params', params: { prompt } });
    await member.wire.until('params', ({ params }) => params.prompt === prompt);
    server.signal('SIGTERM');
    expect((await member.wire.untilClosed()).code).toBe(1012);
    expect((await server.ended).signal).toBe('SIGTERM');
    expect(server.output).toContain('something did not end within --drain-seconds 2');
  });

  it('does not wait for a download, for a request that never ends, or for a client that answers nothing', async () => {
    const server = serve(...FAKE, '--drain-seconds', '3');
    const port = await server.port();
    for (const text of ['GET /underpaint.js HTTP/1.1\r\nHost: localhost\r\n\r\n', 'GET / HTTP/1.1\r\nHost: l']) {
      const socket = connectTcp(port, '127.0.0.1').pause();
      socket.on('error', () => undefined);
      await new Promise((resolve) => socket.write(text, resolve));
    }
    const client = await TestClient.live(port);
    // It reads nothing more, not even the close.
    client.socket.pause();
    server.signal('SIGTERM');
    const { code } = await server.ended;
    expect([code, server.output]).toEqual([0, expect.stringContaining('"msg":"stopped"')]);
    client.socket.terminate();
  });

  it('while the model loads ends the start, and the worker with it', async () => {
    const server = serve('--port', '0');
    let worker: number | undefined;
    await eventually(() => {
      const children = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8').trim();
      worker = children === '' ? undefined : Number(children.split(' ')[0]);
      return worker !== undefined;
    });
    server.signal('SIGTERM');
    // A tenth of a second on an idle machine.
    expect((await server.ended).ms).toBeLessThan(5_000);
    expect(server.output).toContain('underpaint: stopped before it was ready');
    await eventually(() => !isAlive(worker!));
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('followed by another %s ends it at once', async (second) => {
    const server = serve(...REAL, '--drain-seconds', '30');
    const port = await server.port();
    const client = await TestClient.live(port);
    const worker = await workerPid(port);
    freeze(worker);
    client.sendFrame(1, await frameJpeg(1));
    await sleep(100);
    server.signal('SIGTERM');
    await sleep(700);
    server.signal(second);
    const { signal, ms } = await server.ended;
    expect(signal).toBe(second);
    expect(ms).toBeLessThan(20_000);
  });

  it('sent to a worker is left to its parent', async () => {
    const port = await serve(...REAL).port();
    const worker = await workerPid(port);
    const client = await TestClient.live(port);
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.kill(worker, signal);
    client.sendFrame(1, await frameJpeg(1));
    await client.until('image');
    expect(await workerPid(port)).toBe(worker);
    client.close();
  });
});

describe('SIGHUP', () => {
  it('without a certificate changes nothing', async () => {
    const server = serve(...FAKE);
    const port = await server.port();
    server.signal('SIGHUP');
    await server.until(/there is no certificate/);
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
  });

  it('reloads the certificate, and keeps the old one if the new one cannot be used', async () => {
    const [cert, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
    await Promise.all([copyFile(tls('cert'), cert), copyFile(tls('key'), key)]);
    const server = serve(...FAKE, '--tls-cert', cert, '--tls-key', key);
    const port = await server.port();
    expect(await subject(port)).toBe('localhost');
    await Promise.all([copyFile(tls('renewed-cert'), cert), copyFile(tls('renewed-key'), key)]);
    server.signal('SIGHUP');
    await server.until(/reloaded the certificate/);
    expect(await subject(port)).toBe('renewed');
    for (const [i, bad] of [await readFile(tls('cert'), 'utf8'), 'no certificate'].entries()) {
      await writeFile(cert, bad);
      server.signal('SIGHUP');
      await server.until(new RegExp(`(the old one stays[^]*){${i + 1}}`));
      expect(await subject(port)).toBe('renewed');
    }
  });
});

/** The subject of a server's certificate. */
function subject(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}
