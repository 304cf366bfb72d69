import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { frameJpeg } from '../helpers/pictures.js';
import { startServer } from '../helpers/start-server.js';
import { TestClient } from '../helpers/test-client.js';

const MEASURED_MS = 4_000;

/** As expensive to decode as a real picture may be: a progressive JPEG of a megapixel of noise. */
async function dearJpeg(n: number): Promise<Buffer> {
  const size = 1_024;
  const noise = Uint8Array.from({ length: size * size * 3 }, (_, i) => (Math.imul(i + n, 0x9e3779b1) >>> 24) ^ n);
  return sharp(noise, { raw: { width: size, height: size, channels: 3 } })
    .jpeg({ progressive: true, quality: 10, chromaSubsampling: '4:4:4' })
    .toBuffer();
}

/** Sends a frame as soon as another may wait; returns a function that counts its images. */
function draw(client: TestClient, frames: readonly Uint8Array[]): () => number {
  let seq = 0;
  const send = () => client.sendFrame(++seq, frames[seq % frames.length]!);
  client.onMessage = (message) => {
    if (message.type === 'image' && message.final) send();
  };
  // One runs and one waits.
  send();
  send();
  return () => client.all('image').filter(({ final }) => final).length;
}

/** Images of a session with plain frames, beside three with expensive ones. */
async function imagesBeside(frames: readonly Uint8Array[]): Promise<number> {
  const server = await startServer();
  const clients = await Promise.all([0, 1, 2, 3].map(() => TestClient.live(server.port)));
  const [one, ...others] = clients;
  const plain = await Promise.all([1, 2, 3].map((n) => frameJpeg(n)));
  for (const other of others) draw(other, frames);
  const count = draw(one!, plain);
  await sleep(500);
  const before = count();
  await sleep(MEASURED_MS);
  const images = count() - before;
  expect(clients.flatMap((client) => client.all('error'))).toEqual([]);
  for (const client of clients) client.close();
  await server.stop();
  return images;
}

it('gives a session with cheap frames its share beside three whose frames are expensive to decode', async () => {
  const besidePlain = await imagesBeside(await Promise.all([4, 5, 6].map((n) => frameJpeg(n))));
  const besideDear = await imagesBeside(await Promise.all([1, 2, 3].map(dearJpeg)));
  console.log(`images in ${MEASURED_MS} ms: ${besidePlain} beside plain frames, ${besideDear} beside dear ones`);
  expect(besideDear).toBeGreaterThan(0.5 * besidePlain);
});
