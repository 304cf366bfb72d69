import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawLine, setUpSketch, sketchCanvas, sketchColor, viewCanvas } from '../helpers/browser.js';
import { Cluster, type Gateway } from '../helpers/cluster.js';
import { hasNatsServer, NatsServer } from '../helpers/nats-server.js';
import { usePages } from '../helpers/pages.js';
import { RoomClient } from '../helpers/room-client.js';

const RED = '#ff0000';
const BLUE = '#0000ff';
const PATIENT = { timeout: 20_000 };

describe.runIf(hasNatsServer('a room on several gateways in a browser'))('a room on several gateways', () => {
  let dir: string;
  let nats: NatsServer;
  let cluster: Cluster;
  const pages = usePages();
  let gateways: readonly Gateway[];
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'underpaint-jetstream-'));
    nats = await NatsServer.start(`jetstream { store_dir: "${dir}" }`);
    cluster = new Cluster(nats.url);
    const workers = [1, 2].map(() => cluster.worker('--device', 'fake:5ms+1ms'));
    const starting = [1, 2, 3].map(() => cluster.gateway());
    [gateways] = await Promise.all([Promise.all(starting), ...workers]);
  });
  afterAll(async () => {
    await cluster?.stop();
    await nats?.stop();
    await rm(dir, { recursive: true });
  });

  const see = (pages: readonly Page[], place: readonly [number, number], color: string) =>
    expect
      .poll(() => Promise.all(pages.map((page) => sketchColor(page, place))), PATIENT)
      .toEqual(pages.map(() => color));

  it('goes on in two windows on others when the gateway that has it is killed', async () => {
    const [first, ...others] = gateways;
    const owner = await RoomClient.join(first!.servesOn, {
      room: randomBytes(16).toString('base64url'),
      role: 'owner',
    });
    const opened = await Promise.all(
      others.map(({ servesOn }) => pages.open(`http://127.0.0.1:${servesOn}/#room=${owner.room.edit!}`)),
    );
    const [ada, ben] = opened.map(({ page }) => page) as [Page, Page];
    for (const page of [ada, ben]) await sketchCanvas(page).waitFor({ state: 'visible' });
    await setUpSketch(ada, { color: RED, size: 30 });
    await drawLine(ada, [0.2, 0.3], [0.8, 0.3]);
    await see([ada, ben], [0.5, 0.3], RED);
    for (const page of [ada, ben]) await viewCanvas(page).waitFor({ state: 'visible' });

    first!.signal('SIGKILL');
    await setUpSketch(ben, { color: BLUE, size: 30 });
    await drawLine(ben, [0.2, 0.7], [0.8, 0.7]);
    await see([ada, ben], [0.5, 0.7], BLUE);
    await drawLine(ada, [0.2, 0.5], [0.8, 0.5]);
    await see([ada, ben], [0.5, 0.5], RED);
    expect(opened.flatMap(({ problems }) => problems)).toEqual([]);
  });
});
