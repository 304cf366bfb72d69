import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NatsServer } from './nats-server.js';

interface Ports {
  readonly clients: number;
  readonly routes: number;
}

/** Three NATS servers with JetStream that form a cluster. */
export class NatsCluster {
  readonly #dir: string;
  readonly #ports: readonly Ports[];
  readonly #servers: NatsServer[] = [];

  private constructor(dir: string, ports: readonly Ports[]) {
    this.#dir = dir;
    this.#ports = ports;
  }

  static async start(): Promise<NatsCluster> {
    const dir = await mkdtemp(join(tmpdir(), 'underpaint-nats-cluster-'));
    const ports = await freePorts(6);
    const cluster = new NatsCluster(
      dir,
      [0, 1, 2].map((i) => ({ clients: ports[2 * i]!, routes: ports[2 * i + 1]! })),
    );
    await Promise.all([0, 1, 2].map((i) => cluster.restart(i)));
    return cluster;
  }

  /** Addresses of all servers, as for `--nats`. */
  get url(): string {
    return this.#ports.map(({ clients }) => `nats://127.0.0.1:${clients}`).join(',');
  }

  /** Kills a server with -9. */
  async kill(index: number): Promise<void> {
    await this.#servers[index]!.stop();
  }

  /** Starts a server that was killed, on the same disk. */
  async restart(index: number): Promise<void> {
    const { clients, routes } = this.#ports[index]!;
    const others = this.#ports.map((ports) => `"nats://127.0.0.1:${ports.routes}"`);
    this.#servers[index] = await NatsServer.start(
      `server_name: "nats-${index}"`,
      `listen: "127.0.0.1:${clients}"`,
      `jetstream { store_dir: "${join(this.#dir, String(index))}" }`,
      `cluster { name: "test", listen: "127.0.0.1:${routes}", routes: [${others.join(', ')}] }`,
    );
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()));
    await rm(this.#dir, { recursive: true });
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(servers.map((server) => new Promise<void>((done) => server.listen(0, '127.0.0.1', done))));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
