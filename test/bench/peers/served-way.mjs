/*
 * One person at a server: a socket, and frames that are sent as they are answered, `inFlight` of them at a time.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { decodeServerMessage, encodeMessage, SUBPROTOCOL } from '@underpaint/shared';
import { WebSocket } from 'ws';

/** Time for a first start to compare the layouts of its workers, which it does while nobody draws. */
const SETTLE_MS = 12_000;

/**
 * Starts `underpaint serve` of a build and connects to it.
 *
 * @param build folder of the checkout
 * @returns `frames(count)`, which resolves to the times of so many pictures, and `stop`
 */
export async function openServed({ build, args, params, frames, inFlight = 1 }) {
  const command = join(build, 'server/bin/underpaint.js');
  const quiet = ['--port', '0', '--log-level', 'error', '--refine-steps', '0', '--target-server-ms', '600000'];
  const startedMs = performance.now();
  const child = fork(command, ['serve', ...quiet, ...args], { silent: true });
  child.stderr.pipe(process.stderr);
  const url = await addressOf(child);
  const socket = new WebSocket(`${url.replace('http', 'ws')}ws`, SUBPROTOCOL);
  const person = new Person(socket, { params, frames });
  await person.welcomed;
  const [firstMs] = (await person.paint(1, 1)).latencyMs;
  const firstPictureMs = performance.now() - startedMs;
  await wait(SETTLE_MS);
  return {
    firstPictureMs,
    firstMs,
    async frames(count) {
      const before = cpuSeconds(child.pid);
      const painted = await person.paint(count, inFlight);
      return { ...painted, cpuMs: (1_000 * (cpuSeconds(child.pid) - before)) / count };
    },
    async stop() {
      socket.terminate();
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function addressOf(child) {
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^underpaint is ready: (\S+)$/.exec(line)?.[1];
    if (!url) continue;
    child.stdout.resume();
    return url;
  }
  throw new Error('the server did not start');
}

class Person {
  #socket;
  #frames;
  #sentMs = new Map();
  #seq = 0;
  #onImage = () => undefined;
  #onDropped = () => undefined;

  constructor(socket, { params, frames }) {
    this.#socket = socket;
    this.#frames = frames;
    this.welcomed = new Promise((resolve, reject) => {
      socket.on('error', reject);
      socket.on('open', () => this.#send({ type: 'hello' }));
      socket.on('message', (bytes) => {
        const message = decodeServerMessage(bytes);
        if (message?.type === 'welcome') {
          this.#send({ type: 'params', params });
          resolve();
        } else if (message?.type === 'image') {
          this.#send({ type: 'ack', id: message.id });
          if (message.final) this.#onImage(message.seq);
        } else if (message?.type === 'dropped') {
          this.#onDropped(message.seq);
        } else if (message?.type === 'error') {
          throw new Error(`a frame has no image: ${JSON.stringify(message)}`);
        }
      });
    });
  }

  /** Sends so many frames, `inFlight` at a time, and waits for all their images. */
  paint(count, inFlight) {
    const latencyMs = [];
    const startedMs = performance.now();
    let sent = 0;
    const next = () => {
      if (sent++ < count) this.#sendFrame();
    };
    return new Promise((resolve) => {
      // A frame that a newer one has overtaken is not a picture, and another one takes its place.
      this.#onDropped = (seq) => {
        this.#sentMs.delete(seq);
        this.#sendFrame();
      };
      this.#onImage = (seq) => {
        latencyMs.push(performance.now() - this.#sentMs.get(seq));
        this.#sentMs.delete(seq);
        if (latencyMs.length === count) resolve({ latencyMs, wallMs: performance.now() - startedMs });
        else next();
      };
      for (let i = 0; i < inFlight; i++) next();
    });
  }

  #sendFrame() {
    const seq = ++this.#seq;
    this.#sentMs.set(seq, performance.now());
    this.#send({ type: 'frame', seq, data: this.#frames[seq % this.#frames.length] });
  }

  #send(message) {
    this.#socket.send(encodeMessage(message));
  }
}

/** Processor time of a process and its children, in seconds. Linux only; 0 elsewhere. */
function cpuSeconds(pid) {
  try {
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
    );
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (
      (Number(fields[11]) + Number(fields[12])) / 100 + children.reduce((sum, child) => sum + cpuSeconds(child), 0)
    );
  } catch {
    return 0;
  }
}
