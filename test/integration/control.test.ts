import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ImageMessage } from '@underpaint/shared';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { UnderpaintServer } from '../../server/dist/server.js';
import { frameJpeg } from '../helpers/pictures.js';
import { RoomClient } from '../helpers/room-client.js';
import { startServer } from '../helpers/start-server.js';
import { TestClient } from '../helpers/test-client.js';

/* A model that takes the sketch as a control, over a socket. It starts from noise, so at strength 1 only control carries it. */

const MODEL = fileURLToPath(new URL('../fixtures/control/models/lcm-cond', import.meta.url));
const ASKED = { prompt: 'a lake', strength: 1, steps: 2, preview: true } as const;

let model: string;
let server: UnderpaintServer;
beforeAll(async () => {
  model = await mkdtemp(join(tmpdir(), 'underpaint-control-'));
  await cp(MODEL, model, { recursive: true });
  const card = {
    startsFromNoise: true,
    emptySheet: '#ffffff',
    vocabulary: ['lake'],
    controls: { control: { max: 1.5 } },
    defaults: { control: 1.2 },
  };
  await writeFile(join(model, 'underpaint.json'), JSON.stringify(card));
  server = await startServer({ model, refineSteps: 4, quietMs: 50 });
});
afterAll(async () => {
  await server.stop();
  await rm(model, { recursive: true });
});

/** The preview, the final image and the refinement of a sketch. */
async function imagesOf(sketch: number, control: number): Promise<Buffer[]> {
  const client = await TestClient.live(server.port);
  client.send({ type: 'params', params: { ...ASKED, control } });
  client.sendFrame(1, await frameJpeg(sketch));
  const stages = [
    (image: ImageMessage) => !image.final,
    (image: ImageMessage) => image.final && image.reason === 'frame',
    (image: ImageMessage) => image.reason === 'refine',
  ];
  const images = await Promise.all(stages.map((stage) => client.until('image', stage)));
  client.close();
  return images.map(({ data }) => Buffer.from(data));
}

it('is told with its range, its default, its empty sheet and its words', async () => {
  const client = await TestClient.live(server.port);
  const { model: told, ranges, params, defaults } = client.welcome;
  expect(told).toMatchObject({ startsFromNoise: true, emptySheet: '#ffffff', vocabulary: ['lake'] });
  expect(ranges.control).toEqual({ min: 0, max: 1.5, step: 0.05 });
  expect([params.control, defaults]).toEqual([1.2, params]);
  client.close();
});

it.each([
  [9, 1.5],
  [-1, 0],
])('clamps a control of %d to %d, and tells it', async (control, expected) => {
  const client = await TestClient.live(server.port);
  client.send({ type: 'params', params: { control } });
  expect((await client.until('params')).params.control).toBe(expected);
  client.close();
});

it('paints without the sketch at control 0 and with it above, in previews and refinements too', async () => {
  const [none, same, one, other] = [
    await imagesOf(1, 0),
    await imagesOf(2, 0),
    await imagesOf(1, 1.5),
    await imagesOf(2, 1.5),
  ];
  none.forEach((image, stage) => {
    expect(image.equals(same[stage]!), `stage ${stage} at 0`).toBe(true);
    expect(one[stage]!.equals(image), `stage ${stage} with a control`).toBe(false);
    expect(one[stage]!.equals(other[stage]!), `stage ${stage} of two sketches`).toBe(false);
  });
});

it('paints again when only the control changes', async () => {
  const client = await TestClient.live(server.port);
  client.sendFrame(1, await frameJpeg(1));
  const before = await client.until('image', ({ final }) => final);
  client.send({ type: 'params', params: { control: 0 } });
  const after = await client.until('image', ({ final, reason }) => final && reason === 'params');
  expect(Buffer.compare(after.data, before.data)).not.toBe(0);
  client.close();
});

it('is the same after a resume', async () => {
  const before = await TestClient.live(server.port);
  before.send({ type: 'params', params: { control: 0.3 } });
  await before.until('params');
  before.close();
  await before.untilClosed();
  const after = await TestClient.live(server.port, { resume: before.welcome.resume });
  expect([after.welcome.params.control, after.welcome.defaults.control]).toEqual([0.3, 1.2]);
  after.close();
});

it('is shared by a room', async () => {
  const owner = await RoomClient.join(server.port, { room: randomBytes(16).toString('base64url'), role: 'owner' });
  const editor = await RoomClient.join(server.port, { room: owner.room.edit! });
  editor.wire.send({ type: 'params', params: { control: 0.4 } });
  const told = await owner.wire.until('params');
  expect([told.member, told.params.control]).toEqual([editor.room.member, 0.4]);
  const viewer = await RoomClient.join(server.port, { room: owner.room.view });
  expect(viewer.wire.welcome.params.control).toBe(0.4);
  for (const { wire } of [owner, editor, viewer]) wire.close();
});
