import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import * as Y from 'yjs';
import type { Bucket } from '../../server/src/broker/bucket.js';
import { connectNats } from '../../server/src/broker/nats.js';
import type { Broker } from '../../server/src/broker/broker.js';
import { addressesOf } from '../../server/src/rooms/address.js';
import { BucketStore } from '../../server/src/rooms/stores/bucket-store.js';
import { Cluster, type Gateway } from './cluster.js';
import { NatsCluster } from './nats-cluster.js';
import { RoomClient } from './room-client.js';
import { RoomGroup } from './room-group.js';
import { startRoundRobin, type RoundRobin } from './round-robin.js';
import { eventually, type Started } from './started.js';
import { SteadyPainter } from './steady-painter.js';
import { pino } from 'pino';

const log = pino({ level: 'silent' });
const PATIENT_MS = 40_000;
const GATEWAY = [
  ...['--max-rooms', '10000', '--max-rooms-per-hour', '10000', '--target-server-ms', '600000'],
  ...['--max-sessions', '1000', '--log-level', 'info'],
];
const WORKER = ['--device', 'fake:10ms+1ms'];

export interface Load {
  readonly painters: number;
  readonly rooms: number;
}

/** A room in which somebody drew one stroke, and that nobody is in any more. */
export interface LeftRoom {
  readonly key: string;
  readonly stroke: Uint8Array;
}

/** Three NATS servers, two gateways behind a round-robin proxy, two workers, and people who draw. */
export class ChaosWorld {
  readonly gateways: Gateway[] = [];
  readonly workers: Started[] = [];
  readonly painters: SteadyPainter[] = [];
  readonly groups: RoomGroup[] = [];
  readonly nats: NatsCluster;
  readonly #cluster: Cluster;
  readonly #proxy: RoundRobin;
  #broker: Broker | undefined;
  #store: BucketStore | undefined;
  #owners!: Bucket;

  private constructor(nats: NatsCluster, proxy: RoundRobin) {
    this.nats = nats;
    this.#cluster = new Cluster(nats.url);
    this.#proxy = proxy;
  }

  /** Without gateways, workers and people yet. */
  static async create(): Promise<ChaosWorld> {
    return new ChaosWorld(await NatsCluster.start(), await startRoundRobin());
  }

  async start({ painters, rooms }: Load): Promise<void> {
    await Promise.all([1, 2].flatMap(() => [this.addWorker(), this.addGateway()]));
    this.#broker = await connectNats({ url: this.nats.url, creds: '', name: 'test', log });
    const bucket = (await this.#broker.openBucket('underpaint-rooms'))!;
    this.#owners = (await this.#broker.openBucket('underpaint-owners'))!;
    this.#store = await BucketStore.open({ bucket, ttlMs: 1e9, log });
    const { port } = this.#proxy;
    for (let i = 1; i <= painters; i++) this.painters.push(new SteadyPainter(port, i));
    const groups = Array.from({ length: rooms }, (_, i) => RoomGroup.start(port, 200 + i, 2));
    this.groups.push(...(await Promise.all(groups)));
    await this.untilSteady();
  }

  async addWorker(): Promise<void> {
    this.workers.push(await this.#cluster.worker(...WORKER));
  }

  async addGateway(): Promise<void> {
    this.gateways.push(await this.#cluster.gateway(...GATEWAY));
    this.#listServers();
  }

  /** Removes a process that has ended. */
  remove(one: Started): void {
    for (const list of [this.gateways, this.workers] as Started[][]) {
      if (list.includes(one)) list.splice(list.indexOf(one), 1);
    }
    this.#listServers();
  }

  /** The gateway that has a room. */
  async ownerOf(id: string): Promise<Gateway> {
    const entry = await this.#owners.get(`room.${id}`);
    const server = Buffer.from(entry!.value).toString();
    return this.gateways.find(({ output }) => output.includes(`"server":"${server}"`))!;
  }

  /** Everybody is live and has images that came after this call. */
  async untilSteady(): Promise<void> {
    const sinceMs = performance.now();
    const isSteady = (painter: SteadyPainter) => painter.isLive && painter.lastImageMs > sinceMs;
    await eventually(() => this.painters.every(isSteady), PATIENT_MS);
  }

  /** Somebody makes a room, draws a stroke, goes for ever, and JetStream has acknowledged the stroke. */
  async leaveRoom(): Promise<LeftRoom> {
    const key = randomBytes(16).toString('base64url');
    const stroke = new Uint8Array(randomBytes(16));
    let visitor: RoomClient | undefined;
    await eventually(async () => Boolean((visitor = await this.#visit(key, 'owner'))), PATIENT_MS);
    // Before that, a stroke waits for the server's vector.
    await eventually(() => visitor!.peer.isSynced, PATIENT_MS);
    visitor!.draw(...stroke);
    await sleep(100);
    visitor!.close();
    const { id } = addressesOf(key)[0]!;
    await eventually(async () => (await this.#savedStrokes(id)).some((saved) => isSame(saved, stroke)), PATIENT_MS);
    return { key, stroke };
  }

  /** Whether somebody who comes now sees the stroke. */
  async hasStroke({ key, stroke }: LeftRoom): Promise<boolean> {
    let visitor: RoomClient | undefined;
    await eventually(async () => Boolean((visitor = await this.#visit(key, 'editor'))), PATIENT_MS);
    visitor!.close();
    return visitor!.marks.toArray().some((mark) => isSame(mark, stroke));
  }

  async stop(): Promise<void> {
    for (const one of [...this.painters, ...this.groups]) one.stop();
    await this.#store?.close();
    await this.#broker?.close();
    await this.#cluster.stop();
    this.#proxy.close();
    await this.nats.stop();
  }

  #listServers(): void {
    this.#proxy.servers = this.gateways.map(({ servesOn }) => servesOn);
  }

  #visit(room: string, role: 'owner' | 'editor'): Promise<RoomClient | undefined> {
    return RoomClient.join(this.#proxy.port, { room, role }).catch(() => undefined);
  }

  async #savedStrokes(id: string): Promise<Uint8Array[]> {
    const record = await this.#store!.load(id);
    if (typeof record !== 'object') return [];
    const doc = new Y.Doc();
    Y.applyUpdate(doc, record.drawing);
    return doc.getArray<Uint8Array>('marks').toArray();
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
