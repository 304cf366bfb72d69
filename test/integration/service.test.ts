import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UnderpaintServer } from '../../server/dist/server.js';
import { frameJpeg } from '../helpers/pictures.js';
import { startServer } from '../helpers/start-server.js';
import { TestClient } from '../helpers/test-client.js';

let server: UnderpaintServer;
beforeAll(async () => void (server = await startServer({ maxFramesPerSecond: 1_000 })));
afterAll(() => server.stop());

async function counter(name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? NaN);
}

describe('a session', () => {
  it('turns a frame into an image of the size of the model', async () => {
    const client = await TestClient.live(server.port);
    const { model, params } = client.welcome;
    client.sendFrame(1, await frameJpeg(1));
    const image = await client.until('image');
    expect(image).toMatchObject({ id: 1, seq: 1, at: 1, reason: 'frame', final: true, steps: params.steps });
    const { width, height, format } = await sharp(image.data).metadata();
    expect({ width, height, format }).toEqual({ width: model.width, height: model.height, format: 'jpeg' });
    const { queueMs, decodeMs, inferMs, encodeMs, serverMs } = image.timing;
    expect(Math.min(queueMs, decodeMs, inferMs, encodeMs)).toBeGreaterThanOrEqual(0);
    expect(serverMs).toBeGreaterThanOrEqual(decodeMs + inferMs + encodeMs);
    client.close();
  });

  it('gives the same picture for the same frame, parameters and seed, and another for another seed', async () => {
    const client = await TestClient.live(server.port);
    client.sendFrame(1, await frameJpeg(5));
    const first = await client.until('image');
    client.send({ type: 'params', params: { seed: 77 } });
    const other = await client.until('image', ({ reason }) => reason === 'params');
    expect(other.seq).toBe(1);
    expect(Buffer.compare(first.data, other.data)).not.toBe(0);
    client.send({ type: 'params', params: { seed: client.welcome.params.seed } });
    const again = await client.until('image', ({ version }) => version === 2);
    expect(Buffer.compare(first.data, again.data)).toBe(0);
    client.close();
  });

  it('of a flooding client sees rising seq, the newest frame, and one end for each frame', async () => {
    const frames = await Promise.all(Array.from({ length: 100 }, (_, i) => frameJpeg(i + 1)));
    const claimedBefore = await counter('underpaint_frames_claimed_total');
    const client = await TestClient.live(server.port);
    frames.forEach((data, i) => client.sendFrame(i + 1, data));
    await client.until('image', ({ seq }) => seq === 100);
    const images = client.all('image').map(({ seq }) => seq);
    expect(images).toEqual([...images].sort((a, b) => a - b));
    const ends = [...images, ...client.all('dropped').map(({ seq }) => seq)].sort((a, b) => a - b);
    expect(ends).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    expect((await counter('underpaint_frames_claimed_total')) - claimedBefore).toBe(images.length);
    client.close();
  });

  it('returns with resume: same parameters, same numbering, same image', async () => {
    const before = await TestClient.live(server.port);
    before.send({ type: 'params', params: { prompt: 'a quiet lake', steps: 1 } });
    before.sendFrame(4, await frameJpeg(4));
    const image = await before.until('image');
    before.socket.terminate();
    await before.untilClosed();
    const after = await TestClient.live(server.port, { resume: before.welcome.resume });
    expect(after.welcome).toMatchObject({ lastSeq: 4, params: { prompt: 'a quiet lake', steps: 1 } });
    const shown = await after.until('image');
    expect(Buffer.compare(shown.data, image.data)).toBe(0);
    after.close();
  });

  it('does not see the pictures of another', async () => {
    const [a, b] = await Promise.all([TestClient.live(server.port), TestClient.live(server.port)]);
    const [dark, bright] = await Promise.all([frameJpeg(0), frameJpeg(7)]);
    for (let seq = 1; seq <= 3; seq++) {
      a.sendFrame(seq, Buffer.concat([dark]));
      b.sendFrame(seq, Buffer.concat([bright]));
    }
    const [imageA, imageB] = await Promise.all([a.until('image'), b.until('image')]);
    expect(Buffer.compare(imageA.data, imageB.data)).not.toBe(0);
    expect(a.all('image').every(({ data }) => Buffer.compare(data, imageA.data) === 0)).toBe(true);
    a.close();
    b.close();
  });
});

describe('http', () => {
  const get = (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`);

  it('says that it lives and that it serves', async () => {
    expect((await get('/healthz')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(200);
  });

  it('describes itself', async () => {
    const info = (await (await get('/api/info')).json()) as Record<string, unknown>;
    expect(info).toMatchObject({
      name: 'underpaint',
      device: 'cpu',
      // The faster of the two, as it was measured on this processor.
      dtype: expect.stringMatching(/^(fp32|int8)$/) as string,
      capacity: 64,
      model: { id: 'landscape' },
    });
  });

  it('counts the stages of an image', async () => {
    const text = await (await get('/metrics')).text();
    for (const stage of ['queue', 'decode', 'infer', 'encode', 'server']) {
      expect(text).toContain(`underpaint_stage_seconds_count{stage="${stage}"}`);
    }
  });

  it('serves the page under a policy without inline scripts', async () => {
    const response = await get('/');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(await response.text()).toContain('<script type="module"');
  });

  it('serves nothing outside the page', async () => {
    expect((await get('/../server/package.json')).status).toBe(404);
    expect((await get('/%2e%2e/%2e%2e/package.json')).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${server.port}/`, { method: 'POST' })).status).toBe(405);
  });
});
