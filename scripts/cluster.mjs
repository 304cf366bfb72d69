/*
 * A small cluster as plain processes on this machine: NATS, two workers, two gateways, and a proxy that sends each connection to
 * the next gateway. Ctrl-C ends it. Arguments go to the workers:
 *
 *   node scripts/cluster.mjs --device fake:10ms+1ms
 *
 * Open the proxy's address in two windows and share a room: each window may be on another gateway. Then kill the gateway that has
 * the room with -9, and go on drawing.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../server/bin/underpaint.js', import.meta.url));
const PORT = Number(process.env.UNDERPAINT_PORT ?? 8000);
const workerArgs = process.argv.slice(2);
const children = [];

/** Starts a process, prints its lines under a name, and waits for one of them. */
async function start(name, [command, ...args], ready) {
  const child = spawn(command, args, {
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  child.on('exit', (code, signal) => console.log(`${name} (pid ${child.pid}) ended: ${signal ?? code}`));
  const found = deferred();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      const match = ready.exec(line);
      if (match) found.resolve(match[1]);
      else if (/"level":[456]0|^underpaint:/.test(line)) console.log(`${name}: ${line}`);
    });
  }
  child.on('error', (error) => found.reject(error));
  child.on('exit', () => found.reject(new Error(`${name} ended before it was ready`)));
  const value = await found.promise;
  console.log(`${name} is ready (pid ${child.pid})`);
  return value;
}

function deferred() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

/** Sends each connection to the next server that accepts it. */
function proxyTo(ports) {
  let next = 0;
  return createServer(async (near) => {
    near.on('error', () => undefined).pause();
    for (let tries = 0; tries < ports.length; tries++) {
      const far = connect(ports[next++ % ports.length], '127.0.0.1').on('error', () => undefined);
      const isOpen = await Promise.race([once(far, 'connect'), once(far, 'close').then(() => false)]).catch(
        () => false,
      );
      if (!isOpen) continue;
      near.on('close', () => far.destroy());
      far.on('close', () => near.destroy());
      near.pipe(far).pipe(near);
      return;
    }
    near.destroy();
  });
}

const dir = await mkdtemp(join(tmpdir(), 'underpaint-cluster-'));
let isStopping = false;
const stop = async () => {
  if (isStopping) return;
  isStopping = true;
  for (const child of children.slice(1)) child.kill('SIGTERM');
  await Promise.race([
    sleep(9_000),
    Promise.all(children.slice(1).map((child) => child.exitCode ?? once(child, 'exit'))),
  ]);
  children[0]?.kill('SIGKILL');
  await rm(dir, { recursive: true, force: true });
  process.exit();
};
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void stop());

try {
  const nats = ['nats-server', '-a', '127.0.0.1', '-p', '-1', '-js', '-sd', dir, '--ports_file_dir', dir];
  await start('NATS', nats, /(Server is ready)/);
  const ports = join(dir, `nats-server_${children[0].pid}.ports`);
  let text = '';
  for (; !text.trimEnd().endsWith('}'); await sleep(20)) text = await readFile(ports, 'utf8').catch(() => '');
  const on = ['--nats', JSON.parse(text).nats[0]];
  const worker = (i) =>
    start(`worker ${i}`, [process.execPath, COMMAND, 'worker', ...on, ...workerArgs], /(underpaint worker is ready)/);
  const gateway = (i) =>
    start(
      `gateway ${i}`,
      [process.execPath, COMMAND, 'serve', ...on, '--workers', '0', '--port', '0'],
      /^underpaint is ready: http:\/\/127\.0\.0\.1:(\d+)/,
    );
  const started = await Promise.all([gateway(1), gateway(2), worker(1), worker(2)]);
  const gateways = started.slice(0, 2).map(Number);
  proxyTo(gateways).listen(PORT, '127.0.0.1', () => {
    console.log(
      `open http://127.0.0.1:${PORT}/ (gateways: ${gateways.map((port) => `http://127.0.0.1:${port}/`).join(', ')})`,
    );
  });
} catch (error) {
  console.error(error.message);
  await stop();
}
