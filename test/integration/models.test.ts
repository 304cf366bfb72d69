import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { frameJpeg } from '../helpers/pictures.js';
import { startServer } from '../helpers/start-server.js';
import { TestClient } from '../helpers/test-client.js';

const COMMAND = fileURLToPath(new URL('../../server/bin/underpaint.js', import.meta.url));
const MODELS_DIR = fileURLToPath(new URL('../fixtures/models', import.meta.url));

let work: string;
beforeAll(async () => void (work = await mkdtemp(join(tmpdir(), 'underpaint-served-'))));
afterAll(() => rm(work, { recursive: true }));

describe('a folder of another kind', () => {
  const argumentsOf = { infer: ['--model'], serve: ['--port', '0', '--model'], inspect: [] };

  it.each(['infer', 'serve', 'inspect'] as const)('ends %s with code 2 and one line that says so', async (command) => {
    await writeFile(join(work, 'config.json'), '{"architectures": ["LlamaForCausalLM"]}');
    const run = spawnSync(process.execPath, [COMMAND, command, ...argumentsOf[command], work], { encoding: 'utf8' });
    expect(run.status).toBe(2);
    const said = `${run.stdout}${run.stderr}`.trim().split('\n');
    expect(said.filter((line) => line.includes('is LlamaForCausalLM, which is not served'))).toHaveLength(1);
    if (command !== 'inspect') expect(said).toHaveLength(1);
  });
});

describe('a served model', () => {
  it('with a safety checker has its flagged pictures blurred and marked, and goes on', async () => {
    const model = join(work, 'judged');
    await cp(join(MODELS_DIR, 'lcm'), model, { recursive: true });
    await cp(join(MODELS_DIR, 'flags-all'), join(model, 'safety_checker'), { recursive: true });
    const spread = async (safetyChecker: boolean) => {
      const server = await startServer({ model, safetyChecker });
      const client = await TestClient.live(server.port);
      const spreads: number[] = [];
      for (const seq of [1, 2]) {
        client.sendFrame(seq, await frameJpeg(seq));
        const image = await client.until('image', (one) => one.seq === seq && one.final);
        expect(image.flagged).toBe(safetyChecker ? true : undefined);
        const { channels } = await sharp(image.data).greyscale().stats();
        spreads.push(channels[0]!.stdev);
      }
      client.close();
      await server.stop();
      return spreads[1]!;
    };
    expect(await spread(true)).toBeLessThan(0.8 * (await spread(false)));
  });

  it.each([
    ['sdxl-lcm-lora', ['negative-prompt'], { min: 1, max: 15 }],
    ['sd-turbo', [], { min: 1, max: 1 }],
  ])('%s tells its clients what they may choose', async (folder, features, range) => {
    const server = await startServer({ model: join(MODELS_DIR, folder) });
    const client = await TestClient.live(server.port);
    expect(client.welcome.features).toEqual(expect.arrayContaining(features));
    expect(client.welcome.features.includes('negative-prompt')).toBe(features.length > 0);
    expect(client.welcome.ranges.guidance).toMatchObject(range);
    expect(client.welcome.params.guidance).toBe(1);
    client.sendFrame(1, await frameJpeg(1));
    await client.until('image');
    client.close();
    await server.stop();
  });

  it('has another autoencoder before its own', async () => {
    const frame = await frameJpeg(1);
    const paint = async (vae: string) => {
      const server = await startServer({ model: join(MODELS_DIR, 'sd-turbo'), vae });
      const client = await TestClient.live(server.port);
      client.sendFrame(1, frame);
      const { data } = await client.until('image');
      client.close();
      await server.stop();
      return Buffer.from(data);
    };
    expect((await paint(join(MODELS_DIR, 'tiny-vae'))).equals(await paint(''))).toBe(false);
  });
});
