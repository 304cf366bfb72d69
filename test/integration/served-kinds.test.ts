import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { frameJpeg } from '../helpers/pictures.js';
import { startServer } from '../helpers/start-server.js';
import { TestClient } from '../helpers/test-client.js';
import { makeModelFolder } from '../pipeline/model-folder-fixture.js';

/* Kinds of models that the row loop was not first written for, over a socket. */

async function imageOf(modelDir: string, steps: number) {
  const server = await startServer({ model: modelDir });
  try {
    const client = await TestClient.live(server.port);
    client.send({ type: 'params', params: { steps, strength: 0.5, preview: false } });
    client.sendFrame(1, await frameJpeg(1));
    const image = await client.until('image', ({ final }) => final);
    client.close();
    return { steps: image.steps, ...(await sharp(image.data).metadata()) };
  } finally {
    await server.stop();
  }
}

it('serves a consistency model of pixels', async () => {
  const folder = fileURLToPath(new URL('../fixtures/pixel/model', import.meta.url));
  expect(await imageOf(folder, 3)).toMatchObject({ format: 'jpeg', width: 8, height: 8, steps: 3 });
});

it('serves a diffusion model', async () => {
  const folder = await makeModelFolder({ kind: 'lcm-lora' });
  const path = join(folder.dir, 'scheduler', 'scheduler_config.json');
  const scheduler = JSON.parse(await readFile(path, 'utf8')) as object;
  const ddim = { ...scheduler, _class_name: 'DDIMScheduler', clip_sample: false, steps_offset: 1 };
  await writeFile(path, JSON.stringify(ddim));
  expect(await imageOf(folder.dir, 4)).toMatchObject({ format: 'jpeg', width: 64, height: 64, steps: 2 });
  await folder.dispose();
});
