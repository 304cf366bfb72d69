import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** From the first signal, in ms. */
  readonly ms: number;
}

/** A serving command in its own process, with its output and exit code. */
export class Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  output = '';
  #signalledMs = performance.now();
  #isSignalled = false;

  constructor(command: string, args: readonly string[], options: SpawnOptions = {}) {
    this.child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.on('data', (text) => (this.output += String(text)));
    }
    this.ended = new Promise((resolve) => {
      this.child.on('exit', (code, signal) => resolve({ code, signal, ms: performance.now() - this.#signalledMs }));
    });
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Waits until the server is ready, and returns its port. */
  async port(): Promise<number> {
    const ready = await this.until(/underpaint is ready: https?:\/\/127\.0\.0\.1:(\d+)/);
    return Number(ready[1]);
  }

  /** Waits until it has printed that. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.output);
      if (found) return found;
      if (this.child.exitCode !== null || this.child.signalCode !== null) throw new Error(`it ended:\n${this.output}`);
      await sleep(20);
    }
  }

  /** @param group also signals all processes of its group, as a terminal does */
  signal(signal: NodeJS.Signals, { group = false } = {}): void {
    if (!this.#isSignalled && signal !== 'SIGHUP') this.#signalledMs = performance.now();
    this.#isSignalled ||= signal !== 'SIGHUP';
    process.kill(group ? -this.pid : this.pid, signal);
  }

  /** For the end of a test: kills the process if it still runs. */
  async kill(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
    await this.ended;
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Whether somebody listens there. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

/** Waits until a condition holds. */
export async function eventually(isSo: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
  for (const endMs = performance.now() + withinMs; !(await isSo()); await sleep(20)) {
    if (performance.now() > endMs) throw new Error(`not so within ${withinMs} ms: ${isSo.toString()}`);
  }
}
