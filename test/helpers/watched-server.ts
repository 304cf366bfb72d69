import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../server/bin/underpaint.js', import.meta.url));
const LOOP_WATCH = new URL('loop-watch.mjs', import.meta.url).href;
const READY = /^underpaint is ready: (\S+)$/;

/** How long an event loop did not come round at the worst, in ms. */
export interface Stall {
  /** By the clock. */
  readonly gapMs: number;
  /** Processor time of the main thread in one gap. */
  readonly busyMs: number;
}

/** What a server and its workers hold. */
export interface Held {
  /** Resident memory, in MB. */
  readonly serverMb: number;
  readonly workersMb: number;
  readonly descriptors: number;
}

/** `underpaint serve` in a process of its own, whose event loop, memory and descriptors are watched. */
export class WatchedServer {
  readonly #child: ChildProcess;
  readonly port: number;
  /** What it wrote to its log: nothing but errors. */
  errors = '';
  #stall: Stall = { gapMs: 0, busyMs: 0 };

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
    child.on('message', (stall: Stall) => (this.#stall = longer(this.#stall, stall)));
  }

  /** @param collects garbage is collected every few seconds, in the workers too, so that leaks show */
  static async start(args: readonly string[], { collects = false } = {}): Promise<WatchedServer> {
    const collecting = collects ? ['--expose-gc'] : [];
    const command = [
      ...collecting,
      '--import',
      LOOP_WATCH,
      COMMAND,
      'serve',
      '--port',
      '0',
      '--log-level',
      'error',
      ...args,
    ];
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    let errors = '';
    child.stderr!.on('data', (text) => (errors += String(text)));
    for await (const line of createInterface({ input: child.stdout! })) {
      const url = READY.exec(line)?.[1];
      if (url === undefined) continue;
      const server = new WatchedServer(child, Number(new URL(url).port));
      server.errors = errors;
      child.stderr!.on('data', (text) => (server.errors += String(text)));
      createInterface({ input: child.stdout! }).on('line', (text) => server.#handleLine(text));
      return server;
    }
    throw new Error(`underpaint serve ended with ${child.exitCode} before it was ready:\n${errors}`);
  }

  /** Lines that are no log entries are for people. */
  #handleLine(line: string): void {
    if (line.startsWith('{')) this.errors += `${line}\n`;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** The longest stall since this was asked last. */
  takeStall(): Stall {
    const stall = this.#stall;
    this.#stall = { gapMs: 0, busyMs: 0 };
    return stall;
  }

  held(): Held {
    const server = this.#child.pid!;
    const workers = childrenOf(server);
    const sum = (of: (pid: number) => number, pids: readonly number[]) => pids.reduce((all, pid) => all + of(pid), 0);
    const descriptors = sum(descriptorsOf, [server, ...workers]);
    return { serverMb: residentMb(server), workersMb: sum(residentMb, workers), descriptors };
  }

  /** The sum of a counter or gauge of its metrics over all its labels. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${this.port}/metrics`)).text();
    const lines = text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'));
    return [...lines].reduce((sum, [, value]) => sum + Number(value), 0);
  }

  /** Asks it to stop; its exit code, null where a signal ended it. */
  async stop(): Promise<number | null> {
    if (!this.hasEnded) {
      this.#child.kill('SIGTERM');
      await once(this.#child, 'exit');
    }
    return this.#child.exitCode;
  }
}

function longer(a: Stall, b: Stall): Stall {
  return { gapMs: Math.max(a.gapMs, b.gapMs), busyMs: Math.max(a.busyMs, b.busyMs) };
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

function residentMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
