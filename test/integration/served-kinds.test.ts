import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { DEFAULTS, type Config } from '../../server/dist/config/config.js';
import { frameJpeg } from '../helpers/pictures.js';
import { putOverflowing } from '../helpers/overflowing.js';
import { startServer } from '../helpers/start-server.js';
import { TestClient } from '../helpers/test-client.js';
import { makeModelFolder } from '../pipeline/model-folder-fixture.js';

/* Kinds of models that the row loop was not first written for, over a socket. */

async function imageOf(settings: Partial<Config>, steps: number) {
  const server = await startServer(settings);
  try {
    const client = await TestClient.live(server.port);
    client.send({ type: 'params', params: { steps, strength: 0.5, preview: false } });
    client.sendFrame(1, await frameJpeg(1));
    const image = await client.until('image', ({ final }) => final);
    client.close();
    const { width, height } = client.welcome.model;
    return { told: `${width} x ${height}`, steps: image.steps, ...(await sharp(image.data).metadata()) };
  } finally {
    await server.stop();
  }
}

/** A grey picture, or a black or white one. */
function flatJpeg(value: number): Promise<Buffer> {
  const background = { r: value, g: value, b: value };
  return sharp({ create: { width: 16, height: 16, channels: 3, background } })
    .jpeg()
    .toBuffer();
}

it('serves a consistency model of pixels', async () => {
  const folder = fileURLToPath(new URL('../fixtures/pixel/model', import.meta.url));
  expect(await imageOf({ model: folder }, 3)).toMatchObject({ format: 'jpeg', width: 8, height: 8, steps: 3 });
});

it('serves a diffusion model', async () => {
  const folder = await makeModelFolder({ kind: 'lcm-lora' });
  const path = join(folder.dir, 'scheduler', 'scheduler_config.json');
  const scheduler = JSON.parse(await readFile(path, 'utf8')) as object;
  const ddim = { ...scheduler, _class_name: 'DDIMScheduler', clip_sample: false, steps_offset: 1 };
  await writeFile(path, JSON.stringify(ddim));
  expect(await imageOf({ model: folder.dir }, 4)).toMatchObject({ format: 'jpeg', width: 64, height: 64, steps: 2 });
  await folder.dispose();
});

it('names the graph that gave numbers that are not finite, shows no black picture, and continues', async () => {
  const folder = await makeModelFolder({ kind: 'lcm-lora' });
  await putOverflowing(folder.dir, { gain: 100, decoder: 50 });
  const server = await startServer({ model: folder.dir, size: { width: 16, height: 16 } });
  const client = await TestClient.live(server.port);
  client.send({ type: 'params', params: { steps: 1, strength: 0.05, guidance: 1 } });
  client.sendFrame(1, await flatJpeg(255));
  const message = expect.stringMatching(/^vae_decoder\/model\.onnx gives .* not finite: .* --vae$/) as string;
  expect(await client.until('error')).toMatchObject({ code: 'worker-failed', seq: 1, retryable: false, message });
  client.sendFrame(2, await flatJpeg(128));
  expect((await client.until('image')).seq).toBe(2);
  client.close();
  await server.stop();
  await folder.dispose();
});

it.each([
  [192, 192],
  [320, 256],
  [512, 512],
])('serves the embedded model at %i x %i pixels, and tells so', async (width, height) => {
  const image = await imageOf({ size: { width, height } }, 1);
  expect(image).toMatchObject({ width, height, told: `${width} x ${height}` });
});

it('does not start at a size that the model cannot take', async () => {
  const size = { width: 201, height: 201 };
  await expect(startServer({ model: DEFAULTS.model, size })).rejects.toThrow(/201 x 201 pixels: .* multiples of/);
});
