import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { QUICK, serve } from '../helpers/serve.js';
import { TestClient } from '../helpers/test-client.js';

/*
 * For every supported version of Node: the built command, frames over a socket, a clean stop. Short, because CI runs it on
 * each of them.
 */

const HALF_PRECISION = fileURLToPath(new URL('../fixtures/models/sd-turbo-fp16', import.meta.url));
const FRAMES = 8;

/** Sky above a meadow that grows with `n`. */
async function sketch(n: number): Promise<Buffer> {
  const meadow = { create: { width: 256, height: 100 + 8 * n, channels: 3 as const, background: '#3f7d2c' } };
  return sharp({ create: { width: 256, height: 256, channels: 3, background: '#9cc4ec' } })
    .composite([{ input: meadow, left: 0, top: 256 - meadow.create.height }])
    .jpeg()
    .toBuffer();
}

interface Picture {
  readonly width: number;
  readonly height: number;
  /** The most that a channel's values spread: 0 for one colour. */
  readonly spread: number;
  /** Mean red, green and blue. */
  readonly means: readonly number[];
}

async function look(bytes: Uint8Array): Promise<Picture> {
  const [{ width, height }, { channels }] = await Promise.all([sharp(bytes).metadata(), sharp(bytes).stats()]);
  return {
    width,
    height,
    spread: Math.max(...channels.map(({ stdev }) => stdev)),
    means: channels.map(({ mean }) => mean),
  };
}

/** Pictures of two clients that send frame after frame, and how the server ended. */
async function paint(...args: readonly string[]): Promise<{ pictures: Picture[]; exitCode: number | null }> {
  const server = await serve(0, ...QUICK, ...args);
  try {
    const clients = await Promise.all([1, 2].map(() => TestClient.live(server.port)));
    const images = await Promise.all(clients.map((client) => paintOne(client)));
    expect(clients.flatMap((client) => client.all('error'))).toEqual([]);
    for (const client of clients) client.close();
    const pictures = await Promise.all(images.flat().map(look));
    return { pictures, exitCode: await server.stop() };
  } finally {
    await server.kill();
  }
}

async function paintOne(client: TestClient): Promise<Uint8Array[]> {
  // A similarity has frames compared, which is a part of the way that plain ones do not take.
  client.send({ type: 'params', params: { steps: 2, strength: 0.3, similarity: 0.999, preview: true } });
  const images: Uint8Array[] = [];
  for (let seq = 1; seq <= FRAMES; seq++) {
    client.sendFrame(seq, await sketch(seq));
    images.push((await client.until('image', (image) => image.seq === seq && image.final)).data);
  }
  return images;
}

it('paints with the embedded model', async () => {
  const { pictures, exitCode } = await paint();
  expect(pictures).toHaveLength(2 * FRAMES);
  for (const { width, height, spread, means } of pictures) {
    expect([width, height]).toEqual([256, 256]);
    expect(spread).toBeGreaterThan(15);
    for (const mean of means) expect(mean).toBeGreaterThan(30);
    for (const mean of means) expect(mean).toBeLessThan(225);
  }
  expect(exitCode).toBe(0);
});

it('paints in half precision', async () => {
  const { pictures, exitCode } = await paint('--model', HALF_PRECISION);
  expect(pictures).toHaveLength(2 * FRAMES);
  // Its weights are random: a picture of something, not of anything.
  for (const { spread } of pictures) expect(spread).toBeGreaterThan(2);
  expect(exitCode).toBe(0);
});
