import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { pino } from 'pino';
import { connectNats } from '../../server/dist/broker/nats.js';
import { Cluster, type Gateway } from '../helpers/cluster.js';
import { hasNatsServer, NatsServer } from '../helpers/nats-server.js';
import { RoomClient } from '../helpers/room-client.js';

const OWN_WORKER = ['--workers', '1', '--device', 'fake:2ms+1ms'];
/** A room is saved every 5 s. */
const SAVED_MS = 6_500;
/** Much longer than a lease, for a busy machine. */
const NOTICED_MS = 10_000;

const log = pino({ level: 'silent' });
const newKey = () => randomBytes(16).toString('base64url');
const saved = () => new Promise((resolve) => setTimeout(resolve, SAVED_MS));

describe.runIf(hasNatsServer('rooms across gateways'))('rooms of several gateways', () => {
  let dir: string;
  let nats: NatsServer;
  let cluster: Cluster;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'underpaint-jetstream-'));
    nats = await NatsServer.start(`jetstream { store_dir: "${dir}" }`);
    cluster = new Cluster(nats.url);
  });
  afterEach(() => cluster.stop());
  afterAll(async () => {
    await nats.stop();
    await rm(dir, { recursive: true });
  });

  it('are told of by a watch that begins while others write', async () => {
    const brokers = await Promise.all(['a', 'b'].map((name) => connectNats({ url: nats.url, creds: '', name, log })));
    const [watched, written] = await Promise.all(brokers.map(async (broker) => (await broker.openBucket('watched'))!));
    let isOver = false;
    const write = async () => {
      for (let i = 0; !isOver; i++) await written!.put('server.a', new Uint8Array([i % 256]));
    };
    const writing = write();
    for (let i = 0; i < 10; i++) {
      const names = new Set<string>();
      const end = await watched!.watch('server', (name) => names.add(name));
      expect([...names]).toEqual(['a']);
      end();
    }
    isOver = true;
    await writing;
    await Promise.all(brokers.map((broker) => broker.close()));
  });

  const gateway = (): Promise<Gateway> => cluster.gateway(...OWN_WORKER);

  it('outlive their gateway, with all that was saved', async () => {
    const room = newKey();
    const [first, second] = await Promise.all([gateway(), gateway()]);
    const owner = await RoomClient.join(first.servesOn, { room, role: 'owner' });
    const large = randomBytes(1_500_000);
    owner.draw(1);
    owner.marks.push([new Uint8Array(large)]);
    owner.sendFrame(1);
    await owner.wire.until('image');
    await saved();
    first.signal('SIGKILL');
    const killedMs = performance.now();
    let again: RoomClient | undefined;
    while (!again) again = await RoomClient.join(second.servesOn, { room, role: 'owner' }).catch(() => undefined);
    expect(performance.now() - killedMs).toBeLessThan(NOTICED_MS);
    await again.untilMarks(2);
    expect(again.marks.get(0)).toEqual(Uint8Array.of(1));
    expect(Buffer.compare(again.marks.get(1), large)).toBe(0);
    await again.wire.until('image');
    again.close();
  });

  it('are handed over at once when their gateway stops, and members on others stay connected', async () => {
    const room = newKey();
    const [first, second] = await Promise.all([gateway(), gateway()]);
    const owner = await RoomClient.join(first.servesOn, { room, role: 'owner' });
    const member = await RoomClient.join(second.servesOn, { room });
    owner.draw(1);
    await member.untilMarks(1);
    first.signal('SIGTERM');
    member.draw(2);
    await member.untilWelcomes(2);
    const again = await RoomClient.join(second.servesOn, { room, role: 'owner' });
    await again.untilMarks(2);
    expect(again.marks.toJSON()).toEqual([Uint8Array.of(1), Uint8Array.of(2)]);
    expect([member.wire.closed, owner.wire.closed?.code]).toEqual([undefined, 1012]);
    expect((await first.ended).code).toBe(0);
    for (const client of [member, again]) client.close();
  });

  it('have members on every gateway, who stay connected when the one with the room is killed', async () => {
    const room = newKey();
    const [first, second, third] = await Promise.all([gateway(), gateway(), gateway()]);
    const owner = await RoomClient.join(first.servesOn, { room, role: 'owner' });
    const [a, b] = await Promise.all(
      [second, third].map(({ servesOn }) => RoomClient.join(servesOn, { room: owner.room.edit! })),
    );
    owner.draw(1);
    a!.draw(2);
    await Promise.all([owner, a!, b!].map((client) => client.untilMarks(2)));
    b!.sendFrame(1);
    const images = await Promise.all([owner, a!, b!].map((client) => client.wire.until('image')));
    expect(images.map(({ member }) => member)).toEqual(Array(3).fill(b!.room.member));

    first.signal('SIGKILL');
    const killedMs = performance.now();
    a!.draw(3);
    await Promise.all([a!, b!].map((client) => client.untilWelcomes(2)));
    expect(performance.now() - killedMs).toBeLessThan(NOTICED_MS);
    await b!.untilMarks(3);
    b!.draw(4);
    await a!.untilMarks(4);
    a!.sendFrame(7);
    await Promise.all([a!, b!].map((client) => client.untilMessages('image', client.wire.all('image').length + 1)));
    expect(a!.marks.toJSON()).toEqual(b!.marks.toJSON());
    expect([a!.wire.closed, b!.wire.closed]).toEqual([undefined, undefined]);
    const again = await RoomClient.join(second.servesOn, { room, role: 'owner' }, owner.doc);
    await again.untilMarks(4);
    for (const client of [a!, b!, again]) client.close();
  });
});
