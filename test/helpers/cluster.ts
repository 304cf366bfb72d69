import { fileURLToPath } from 'node:url';
import { Started } from './started.js';

const COMMAND = fileURLToPath(new URL('../../server/bin/underpaint.js', import.meta.url));

export type Gateway = Started & { readonly servesOn: number };

/** Gateways and workers as real processes on one NATS server. */
export class Cluster {
  readonly #url: string;
  readonly #processes: Started[] = [];

  constructor(url: string) {
    this.#url = url;
  }

  /** Starts a worker and waits until its model is loaded. */
  async worker(...args: readonly string[]): Promise<Started> {
    const worker = this.#start('worker', args);
    await worker.until(/underpaint worker is ready/);
    return worker;
  }

  /** Starts a gateway without workers of its own, unless `args` say otherwise, and waits until it serves. */
  async gateway(...args: readonly string[]): Promise<Gateway> {
    const gateway = this.startGateway(...args);
    return Object.assign(gateway, { servesOn: await gateway.port() });
  }

  startGateway(...args: readonly string[]): Started {
    return this.#start('serve', ['--port', '0', '--workers', '0', '--refine-steps', '0', ...args]);
  }

  /** Kills everything that still runs. */
  async stop(): Promise<void> {
    await Promise.all(this.#processes.splice(0).map((one) => one.kill()));
  }

  #start(command: string, args: readonly string[]): Started {
    const started = new Started(process.execPath, [COMMAND, command, '--nats', this.#url, ...args]);
    this.#processes.push(started);
    return started;
  }
}
