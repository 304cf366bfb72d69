import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * Tries the steps of deploy/Dockerfile without Docker: each instruction is carried out in a chroot of Debian, which debootstrap
 * makes (as root; Debian: apt install debootstrap). Then it starts the server in it as the image would, as the image's
 * user, and waits for its health check.
 *
 *   node deploy/try-image.mjs [--keep]
 *
 * It needs 3 GB and some minutes. What Docker adds is not tried: layers, its own networks, .dockerignore (git archive takes the place
 * of the context), and the images on Docker Hub (a chroot with Node and npm takes the place of node:24-bookworm-slim).
 */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const NODE = '24';
const SUITE = 'bookworm';
const PORT = 18_080;

const work = mkdtempSync(join(tmpdir(), 'underpaint-image-'));
const stages = new Map();
let stage;

/** The instructions of a Dockerfile as [word, rest], with continued lines joined. */
function instructions(text) {
  const lines = text
    .replace(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n');
  return lines.filter((line) => line.trim() !== '').map((line) => /^(\w+)\s+(.*)$/.exec(line).slice(1));
}

/** A chroot with Node and npm, in place of the image that FROM names. */
function makeBase() {
  const base = join(work, 'base');
  run('debootstrap', ['--variant=minbase', '--include=ca-certificates', SUITE, base]);
  const node = join(work, 'node');
  run('npm', ['install', '--silent', '--no-audit', '--prefix', node, `node@${NODE}`, 'npm@11']);
  // The package has a script that fetches the binary's package beside it.
  cpSync(realpathSync(join(node, 'node_modules/node/bin/node')), join(base, 'usr/local/bin/node'));
  cpSync(join(node, 'node_modules/npm'), join(base, 'usr/local/lib/node_modules/npm'), { recursive: true });
  run('ln', ['-s', '../lib/node_modules/npm/bin/npm-cli.js', join(base, 'usr/local/bin/npm')]);
  for (const file of ['/etc/resolv.conf', process.env.NODE_EXTRA_CA_CERTS, process.env.npm_config_userconfig]) {
    if (file && existsSync(file)) cpSync(realpathSync(file), madeFor(join(base, file)));
  }
  inChroot({ root: base, env: {}, cwd: '/', user: 'root' }, 'useradd --create-home --uid 1000 node');
  return base;
}

/** The path, in a folder that is there. */
function madeFor(path) {
  mkdirSync(dirname(path), { recursive: true });
  return path;
}

function run(command, args, options = {}) {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'], ...options });
}

/** What every command in a chroot gets: a path, and how to reach the registry. */
function environment({ env, user }) {
  const kept = Object.entries(process.env).filter(([name]) =>
    /^(npm_config_\w+|NODE_EXTRA_CA_CERTS|https?_proxy)$/i.test(name),
  );
  const home = user === 'root' ? '/root' : `/home/${user}`;
  return {
    ...Object.fromEntries(kept),
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: home,
    ...env,
  };
}

/** The words after `unshare`: the command in the chroot, with a /proc that is gone when it ends. */
function chrootArgs({ root, cwd, user }, command) {
  const chroot = ['chroot', `--userspec=${user}:${user}`, root, '/bin/sh', '-c', `cd ${cwd} && ${command}`];
  return ['--mount', '/bin/sh', '-c', `mount -t proc proc ${root}/proc && exec "$@"`, 'sh', ...chroot];
}

function inChroot(where, command) {
  run('unshare', chrootArgs(where, command), { env: environment(where) });
}

/** COPY [--from=STAGE] SOURCE... TARGET */
function copy(rest) {
  const words = rest.split(/\s+/);
  const from = words[0].startsWith('--from=') ? stages.get(words.shift().slice('--from='.length)).root : undefined;
  const target = words.pop();
  for (const source of words) {
    const to = join(stage.root, resolve(stage.cwd, target));
    if (from === undefined) run('sh', ['-c', `mkdir -p ${to} && git -C ${ROOT} archive HEAD | tar -x -C ${to}`]);
    else run('cp', ['-aT', join(from, source), madeFor(target.endsWith('/') ? join(to, basename(source)) : to)]);
  }
}

const STEPS = {
  FROM(rest) {
    const [, name = 'final'] = /\bAS (\w+)/i.exec(rest) ?? [];
    const root = join(work, name);
    run('cp', ['-a', base, root]);
    stage = { root, env: {}, cwd: '/', user: 'root' };
    stages.set(name, stage);
  },
  WORKDIR(rest) {
    stage.cwd = rest;
    mkdirSync(join(stage.root, rest), { recursive: true });
  },
  ENV(rest) {
    const [, name, value] = /^(\w+)=(.*)$/.exec(rest);
    stage.env[name] = value;
  },
  ARG(rest) {
    const [, name, value] = /^(\w+)="?([^"]*)"?$/.exec(rest);
    stage.env[name] = value;
  },
  RUN: (rest) => inChroot(stage, rest),
  COPY: copy,
  USER: (rest) => (stage.user = rest),
  HEALTHCHECK: (rest) => (stage.health = JSON.parse(/CMD (.*)$/.exec(rest)[1])),
  ENTRYPOINT: (rest) => (stage.entry = JSON.parse(rest)),
  CMD: (rest) => (stage.command = JSON.parse(rest)),
  EXPOSE: () => undefined,
  VOLUME: () => undefined,
};

function quoted(words) {
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}

/** Starts the image's command, and waits until its health check is content. */
async function tryServer() {
  const { entry, command, health } = stage;
  const env = environment({
    ...stage,
    env: { ...stage.env, UNDERPAINT_PORT: String(PORT), UNDERPAINT_HOST: '127.0.0.1' },
  });
  const server = spawn('unshare', chrootArgs(stage, `exec ${quoted([...entry, ...command])}`), {
    env,
    stdio: 'inherit',
  });
  const ended = once(server, 'exit');
  const check = quoted(health.map((word) => word.replace(':8080', `:${PORT}`)));
  for (let tries = 0; ; tries++) {
    await new Promise((next) => setTimeout(next, 1_000));
    try {
      inChroot({ ...stage, user: 'node' }, `${check} 2>/dev/null`);
      break;
    } catch (error) {
      if (tries > 120 || server.exitCode !== null) throw error;
    }
  }
  const page = await (await fetch(`http://127.0.0.1:${PORT}/`)).text();
  if (!page.includes('<!doctype html>')) throw new Error('the server has no page');
  inChroot(stage, `${quoted(entry)} infer --prompt 'a lake at sunset' --output /tmp/picture.jpg`);
  const size = readFileSync(join(stage.root, 'tmp/picture.jpg')).length;
  server.kill('SIGTERM');
  const [code] = await ended;
  if (code !== 0) throw new Error(`the server ended with ${code}`);
  console.log(`the server was healthy, painted a picture of ${size} bytes, and stopped with 0`);
}

let base;
try {
  base = makeBase();
  for (const [word, rest] of instructions(readFileSync(join(ROOT, 'deploy/Dockerfile'), 'utf8'))) {
    const startedMs = performance.now();
    if (!(word in STEPS)) throw new Error(`Dockerfile: this script does not know ${word}`);
    STEPS[word](rest);
    console.log(`${word} ${rest.slice(0, 100)} (${Math.round((performance.now() - startedMs) / 1_000)} s)`);
  }
  writeFileSync(join(work, 'size'), execFileSync('du', ['-sh', stage.root, join(stage.root, 'app')]));
  console.log(readFileSync(join(work, 'size'), 'utf8').trim());
  await tryServer();
} finally {
  if (!process.argv.includes('--keep')) rmSync(work, { recursive: true, force: true });
}
