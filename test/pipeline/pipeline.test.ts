import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maxDifference } from '../../server/src/cli/parity/difference.js';
import { loadPipeline, type Pipeline } from '../../server/src/pipeline/pipeline.js';
import { seededNoise } from '../../server/src/pipeline/noise.js';
import type { Sample } from '../../server/src/pipeline/sample.js';
import { picturesOf } from '../../server/src/pipeline/graphs/codec.js';
import { beginAll, beginOne } from '../helpers/begin.js';
import { makeModelFolder, makePicture, type FolderKind } from './model-folder-fixture.js';

interface Job {
  readonly phase: number;
  readonly prompt: string;
  readonly steps: number;
  readonly strength: number;
  readonly guidance: number;
  readonly seed: number;
}

const JOBS: Job[] = [
  { phase: 0, prompt: 'lake', steps: 2, strength: 0.5, guidance: 4, seed: 1 },
  { phase: 1, prompt: 'a castle at night', steps: 4, strength: 0.8, guidance: 8, seed: 2 },
  { phase: 2, prompt: '', steps: 1, strength: 1, guidance: 1, seed: 1 },
  { phase: 3, prompt: 'snow', steps: 3, strength: 0.3, guidance: 2.5, seed: 4 },
];

function start(pipeline: Pipeline, { phase, ...request }: Job): Promise<Sample> {
  const picture = makePicture(pipeline.info, phase);
  return beginOne(pipeline, { ...request, picture, start: picture });
}

async function finish(pipeline: Pipeline, rows: readonly Sample[]): Promise<void> {
  for (;;) {
    const running = rows.filter(({ done }) => !done);
    if (running.length === 0) return;
    await pipeline.step(running);
  }
}

describe.each([
  { kind: 'lcm', vae: 'kl' },
  { kind: 'lcm', vae: 'tiny' },
  { kind: 'lcm-lora', vae: 'tiny' },
  { kind: 'sd-turbo', vae: 'tiny' },
] satisfies FolderKind[])('a folder of kind $kind with $vae autoencoder', ({ kind, vae }) => {
  let folder: Awaited<ReturnType<typeof makeModelFolder>>;
  let pipeline: Pipeline;

  beforeAll(async () => {
    folder = await makeModelFolder({ kind, vae });
    pipeline = await loadPipeline(folder.dir, { threads: 1 });
  });
  afterAll(async () => {
    await pipeline.dispose();
    await folder.dispose();
  });

  it('describes itself', () => {
    const guidance = { lcm: 'embedded', 'lcm-lora': 'rows', 'sd-turbo': 'none' }[kind];
    expect(pipeline.info).toMatchObject({ id: 'tiny', width: 64, height: 64, kind, guidance, device: 'cpu' });
    expect(pipeline.rowsPerFrame(4)).toBe(kind === 'lcm-lora' ? 2 : 1);
    expect(pipeline.rowsPerFrame(1)).toBe(1);
  });

  it('gives each sample the same picture alone and beside others', async () => {
    const alone = await Promise.all(JOBS.map((job) => start(pipeline, job)));
    for (const row of alone) await finish(pipeline, [row]);
    const together = await Promise.all(JOBS.map((job) => start(pipeline, job)));
    await finish(pipeline, together);
    alone.forEach((row, i) => expect(maxDifference(row.denoised, together[i]!.denoised)).toBeLessThan(1e-4));
  });

  it('gives a sample the same bits beside any others, in a batch of one size', async () => {
    const with1 = [await start(pipeline, JOBS[0]!), await start(pipeline, JOBS[1]!)];
    const with3 = [await start(pipeline, JOBS[0]!), await start(pipeline, JOBS[3]!)];
    await pipeline.step(with1, with1);
    await pipeline.step(with3, with3);
    expect(with1[0]!.denoised).toEqual(with3[0]!.denoised);
  });

  it('gives the same when calls are padded to 1, 2, 4 ... rows', async () => {
    const filled = await loadPipeline(folder.dir, { threads: 1, padRows: true });
    const jobs = JOBS.slice(0, 3);
    const plain = await Promise.all(jobs.map((job) => start(pipeline, job)));
    const rows = await Promise.all(jobs.map((job) => start(filled, job)));
    await finish(pipeline, plain);
    await finish(filled, rows);
    rows.forEach((row, i) => expect(maxDifference(row.denoised, plain[i]!.denoised)).toBeLessThan(1e-4));
    const [pictures, expected] = await Promise.all(
      [filled, pipeline].map(async (one) => picturesOf(await one.vaeDecode(plain.map(({ denoised }) => denoised)))),
    );
    pictures!.forEach((picture, i) => expect(maxDifference(picture, expected![i]!)).toBeLessThanOrEqual(1));
    const begun = await beginAll(
      filled,
      jobs.map((job) => ({ ...job, start: makePicture(pipeline.info, job.phase) })),
    );
    const starts = await Promise.all(jobs.map((job) => start(pipeline, job)));
    begun.forEach(({ latents }, i) => expect(maxDifference(latents, starts[i]!.latents)).toBeLessThan(1e-5));
    await filled.dispose();
  });

  it('lets a sample join while others are on their way', async () => {
    const [early, late] = [await start(pipeline, JOBS[1]!), await start(pipeline, JOBS[0]!)];
    await pipeline.step([early]);
    await finish(pipeline, [early, late]);
    const alone = await start(pipeline, JOBS[0]!);
    await finish(pipeline, [alone]);
    expect(maxDifference(late.denoised, alone.denoised)).toBeLessThan(1e-4);
  });

  it('decodes and encodes many as it does one', async () => {
    const pictures = [makePicture(pipeline.info), makePicture(pipeline.info, 2)];
    const requests = pictures.map((picture) => ({ ...JOBS[0]!, picture }));
    const together = (await beginAll(pipeline, requests)).map(({ latents }) => latents);
    const { latents: second } = await beginOne(pipeline, requests[1]!);
    expect(maxDifference(together[1]!, second)).toBeLessThan(1e-5);
    const decoded = picturesOf(await pipeline.vaeDecode(together));
    const [alone] = picturesOf(await pipeline.vaeDecode([second]));
    expect(maxDifference(decoded[1]!, alone!)).toBeLessThanOrEqual(1);
  });

  it('gives the same picture for the same request, another for another seed, prompt or picture', async () => {
    const request = {
      picture: makePicture(pipeline.info),
      prompt: 'a lake',
      steps: 2,
      strength: 0.6,
      guidance: 2,
      seed: 5,
    };
    const { pixels } = await pipeline.img2img(request);
    expect((await pipeline.img2img(request)).pixels).toEqual(pixels);
    for (const change of [{ seed: 6 }, { prompt: 'a tree' }, { picture: makePicture(pipeline.info, 1) }]) {
      expect((await pipeline.img2img({ ...request, ...change })).pixels).not.toEqual(pixels);
    }
  });

  it('paints from the prompt alone', async () => {
    const result = await pipeline.img2img({
      picture: null,
      prompt: 'a lake',
      steps: 2,
      strength: 0.1,
      guidance: 2,
      seed: 5,
    });
    expect(result.pixels).toHaveLength(64 * 64 * 3);
    expect(result.steps).toBe(2);
    const { encodePromptMs, vaeEncodeMs, unetMs, vaeDecodeMs, totalMs } = result.timing;
    expect(encodePromptMs + vaeEncodeMs + unetMs + vaeDecodeMs).toBeCloseTo(totalMs, 3);
  });

  it('has a picture of a row after any step where it is wanted, and always after the last', async () => {
    const [row, other] = [await start(pipeline, JOBS[1]!), await start(pipeline, JOBS[1]!)];
    await pipeline.step([row], [row]);
    await pipeline.step([other]);
    expect(row.denoised.some((value) => value !== 0)).toBe(true);
    expect(row.index).toBe(1);
    expect(row.done).toBe(row.steps === 1);
    if (!other.done) expect(() => other.denoised).toThrow('not asked for an estimate');
    await finish(pipeline, [row, other]);
    expect(other.denoised).toEqual(row.denoised);
  });

  it('refuses another step of a row that is done', async () => {
    const row = await start(pipeline, JOBS[2]!);
    await finish(pipeline, [row]);
    await expect(pipeline.step([row])).rejects.toThrow(/done/);
  });
});

describe('guidance by a second row', () => {
  let folder: Awaited<ReturnType<typeof makeModelFolder>>;
  let pipeline: Pipeline;

  beforeAll(async () => {
    folder = await makeModelFolder({ kind: 'lcm-lora' });
    pipeline = await loadPipeline(folder.dir, { threads: 1 });
  });
  afterAll(async () => {
    await pipeline.dispose();
    await folder.dispose();
  });

  const request = { picture: null, prompt: 'a lake', steps: 1, strength: 1, seed: 1 };

  it('uses the negative prompt only above 1', async () => {
    const paint = (guidance: number, negativePrompt: string) =>
      pipeline.img2img({ ...request, guidance, negativePrompt });
    expect((await paint(1, 'blur')).pixels).toEqual((await paint(1, '')).pixels);
    expect((await paint(2, 'blur')).pixels).not.toEqual((await paint(2, '')).pixels);
  });

  it('has no effect if the negative prompt is the prompt', async () => {
    const guided = await pipeline.img2img({ ...request, guidance: 3, negativePrompt: request.prompt });
    const plain = await pipeline.img2img({ ...request, guidance: 1 });
    expect(maxDifference(guided.pixels, plain.pixels)).toBeLessThanOrEqual(1);
  });
});

describe('kept values', () => {
  let folder: Awaited<ReturnType<typeof makeModelFolder>>;

  beforeAll(async () => {
    folder = await makeModelFolder();
  });
  afterAll(() => folder.dispose());

  it('prompts, until their bytes are too many', async () => {
    // 16 tokens of 64 numbers, and the text itself.
    const bytes = 16 * 64 * 4;
    const pipeline = await loadPipeline(folder.dir, { threads: 1, promptCacheBytes: 3 * bytes + 100 });
    const request = { steps: 1, strength: 1, guidance: 1, seed: 1 };
    const encode = async (prompt: string) => {
      const { rows } = await beginOne(pipeline, { ...request, prompt });
      return rows[0]!.encoder_hidden_states!.data;
    };
    const first = await encode('first');
    expect(await encode('first')).toBe(first);
    for (const prompt of ['b', 'c', 'd', 'e', 'f']) await encode(prompt);
    expect(pipeline.promptCache.prompts).toBe(3);
    expect(pipeline.promptCache.bytes).toBeLessThanOrEqual(3 * bytes + 100);
    expect(await encode('first')).not.toBe(first);
    expect(await encode('first')).toEqual(first);
    await pipeline.dispose();
  });

  it('noise given from outside takes precedence over the seed', async () => {
    const pipeline = await loadPipeline(folder.dir, { threads: 1 });
    const request = { prompt: '', steps: 1, strength: 1, guidance: 1 };
    const seeded = await beginOne(pipeline, { ...request, seed: 9 });
    const given = await beginOne(pipeline, { ...request, seed: 1, noise: seededNoise(9, 4 * 8 * 8) });
    expect(given.latents).toEqual(seeded.latents);
    await pipeline.dispose();
  });

  it('takes another size if the graph allows it', async () => {
    const pipeline = await loadPipeline(folder.dir, { threads: 1, size: { width: 96, height: 64 } });
    const picture = makePicture({ width: 96, height: 64 });
    const { pixels } = await pipeline.img2img({ picture, prompt: '', steps: 1, strength: 0.5, guidance: 1, seed: 1 });
    expect(pixels).toHaveLength(96 * 64 * 3);
    await pipeline.dispose();
  });
});
