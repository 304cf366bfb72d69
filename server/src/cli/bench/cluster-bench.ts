import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchNats } from './bench-nats.js';
import { Served, startCommand, stopCommand } from './served.js';
import { measureClients, openClients, summaryOf } from './session-bench.js';
import { quantile, round } from './statistics.js';

export interface ClusterBenchOptions {
  readonly sessions: number;
  readonly seconds: number;
  readonly steps: number;
  readonly fps: number;
  readonly device: string;
  readonly model: string;
  readonly frames: readonly Uint8Array[];
}

export interface ClusterBenchRow {
  readonly workers: number;
  readonly sessions: number;
  readonly imagesPerSecond: number;
  /** Images a second over those of one worker times the workers, or over all frames if that is less. */
  readonly linear: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of all sessions, whichever gateway they are on. */
  readonly jain: number;
  /** Bytes that the broker received over those of the frames that have images, and of these images. */
  readonly brokerBytes: number;
}

export interface AddedBenchRow {
  /** From a frame to its image without a broker, ms. */
  readonly aloneP50Ms: number;
  readonly aloneP99Ms: number;
  /** What the broker adds, ms. */
  readonly addedP50Ms: number;
  readonly addedP99Ms: number;
}

const GATEWAYS = 2;
const LOOK_MS = 50;
/** Admits every session and adapts nothing, so that the bench shows the load as it is. */
const AS_IT_IS = [
  ...['--refine-steps', '0', '--target-server-ms', '600000', '--max-sessions', '1000'],
  ...['--max-frames-per-second', '120'],
];

/** A NATS server, gateways and workers, each in a process of its own. */
class BenchCluster {
  readonly nats: BenchNats;
  readonly gateways: readonly Served[];
  readonly #workers: readonly ChildProcess[];

  private constructor(nats: BenchNats, gateways: readonly Served[], workers: readonly ChildProcess[]) {
    this.nats = nats;
    this.gateways = gateways;
    this.#workers = workers;
  }

  static async start(workers: number, gateways: number, where: readonly string[]): Promise<BenchCluster> {
    const nats = await BenchNats.start();
    const on = ['--nats', nats.url];
    const worker = () => startCommand(['worker', '--workers', '1', ...on, ...where], /^underpaint worker is ready$/);
    const gateway = () => Served.start(['--workers', '0', ...on, ...AS_IT_IS]);
    const [servers, processes] = await Promise.all([times(gateways, gateway), times(workers, worker)]);
    const cluster = new BenchCluster(
      nats,
      servers,
      processes.map(({ child }) => child),
    );
    const areKnown = async () =>
      (await Promise.all(servers.map((server) => server.workers()))).every(({ length }) => length === workers);
    while (!(await areKnown())) await sleep(LOOK_MS);
    return cluster;
  }

  get urls(): string[] {
    return this.gateways.map(({ socketUrl }) => socketUrl);
  }

  async stop(): Promise<void> {
    await Promise.all(this.gateways.map((gateway) => gateway.stop()));
    await Promise.all(this.#workers.map(stopCommand));
    await this.nats.stop();
  }
}

/** Many sessions on two gateways that share workers. `linear` is left to the caller. */
export async function benchCluster(
  workers: number,
  options: ClusterBenchOptions,
): Promise<Omit<ClusterBenchRow, 'linear'>> {
  const cluster = await BenchCluster.start(workers, GATEWAYS, whereOf(options));
  try {
    const clients = await openClients({ ...options, urls: cluster.urls });
    const beforeBytes = await cluster.nats.receivedBytes();
    const measured = await measureClients(clients, options.seconds);
    const bytes = (await cluster.nats.receivedBytes()) - beforeBytes;
    const pictureBytes = measured.records.reduce((sum, record) => sum + record.bytes, 0);
    const { sessions, imagesPerSecond, p50Ms, p99Ms, jain } = summaryOf(measured);
    return { workers, sessions, imagesPerSecond, p50Ms, p99Ms, jain, brokerBytes: round(bytes / pictureBytes) };
  } finally {
    await cluster.stop();
  }
}

/** The same sessions on a server with a worker of its own and on one with a worker over the broker, at the same time. */
export async function benchAdded(options: ClusterBenchOptions): Promise<AddedBenchRow> {
  const where = whereOf(options);
  const [alone, cluster] = await Promise.all([
    Served.start([...where, '--workers', '1', ...AS_IT_IS]),
    BenchCluster.start(1, 1, where),
  ]);
  try {
    const [ownUrl, otherUrl] = [alone.socketUrl, cluster.urls[0]!];
    const clients = await openClients({ ...options, urls: [ownUrl, otherUrl] });
    const { records } = await measureClients(clients, options.seconds);
    const [own, other] = [0, 1].map((side) =>
      records.filter((_, i) => i % 2 === side).flatMap(({ imageMs }) => imageMs),
    );
    const [p50, p99] = [0.5, 0.99].map((q) => [quantile(own!, q), quantile(other!, q)] as const);
    return {
      aloneP50Ms: round(p50![0]),
      aloneP99Ms: round(p99![0]),
      addedP50Ms: round(p50![1] - p50![0]),
      addedP99Ms: round(p99![1] - p99![0]),
    };
  } finally {
    await Promise.all([alone.stop(), cluster.stop()]);
  }
}

function whereOf({ device, model }: ClusterBenchOptions): string[] {
  return ['--device', device, '--model', model];
}

function times<T>(count: number, make: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, make));
}
