import { copyFile, cp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inspect } from '../../server/src/cli/inspect.js';
import type { BatchPace } from '../../server/src/inference/device/calibrate.js';
import { loadFastest } from '../../server/src/inference/device/load-fastest.js';
import { dtypesOf } from '../../server/src/pipeline/folder/variants.js';
import { picturesOf } from '../../server/src/pipeline/graphs/codec.js';
import { loadPipeline, type PipelineOptions } from '../../server/src/pipeline/pipeline.js';
import { commandContext } from '../helpers/command-context.js';
import { int8Decoder } from '../helpers/int8-decoder.js';
import { makeModelFolder, MODELS_DIR } from './model-folder-fixture.js';

const ONE = { threads: 1 } as const;
const HALF = join(MODELS_DIR, 'sd-turbo-fp16');

let folder: Awaited<ReturnType<typeof makeModelFolder>>;
const at = (path: string): string => join(folder.dir, path);

beforeEach(async () => {
  folder = await makeModelFolder();
});
afterEach(() => folder.dispose());

async function dtypeOf(options: PipelineOptions): Promise<string> {
  const pipeline = await loadPipeline(folder.dir, { ...ONE, ...options });
  await pipeline.dispose();
  return pipeline.info.dtype;
}

describe('a folder with graphs in int8', () => {
  beforeEach(() => writeFile(at('vae_decoder/model_int8.onnx'), int8Decoder()));

  it('has them beside the plain ones', async () => {
    expect([...(await dtypesOf(folder.dir))]).toEqual(['int8']);
    await copyFile(at('unet/model.onnx'), at('unet/model.fp16.onnx'));
    expect([...(await dtypesOf(folder.dir))].sort()).toEqual(['fp16', 'int8']);
  });

  it('runs the plain ones by default, and those of its --dtype with the rest in plain form', async () => {
    expect(await dtypeOf({})).toBe('fp32');
    expect(await dtypeOf({ dtype: 'fp32' })).toBe('fp32');
    const pipeline = await loadPipeline(folder.dir, { ...ONE, dtype: 'int8' });
    expect(pipeline.info.dtype).toBe('int8');
    // Of latents of 0.5 the int8 decoder makes 0.25, which is a pixel of (1 + 0.25) / 2 of 255.
    const [picture] = picturesOf(await pipeline.vaeDecode([new Float32Array(4 * 8 * 8).fill(0.5)]));
    expect(new Set(picture)).toEqual(new Set([159]));
    await pipeline.dispose();
  });

  it('needs no plain graph beside one in int8', async () => {
    await rm(at('vae_decoder/model.onnx'));
    expect(await dtypeOf({ dtype: 'int8' })).toBe('int8');
  });

  it('cannot choose between several that are not plain', async () => {
    await rm(at('vae_decoder/model.onnx'));
    await copyFile(at('vae_decoder/model_int8.onnx'), at('vae_decoder/model_fp16.onnx'));
    await expect(loadPipeline(folder.dir, ONE)).rejects.toThrow(
      /vae_decoder has model_fp16\.onnx, model_int8\.onnx: name the one to use model\.onnx/,
    );
  });

  it('takes the autoencoder of another folder in that type too', async () => {
    const other = await makeModelFolder();
    expect(await dtypeOf({ vaeDir: other.dir })).toBe('fp32');
    await expect(loadPipeline(other.dir, { ...ONE, dtype: 'int8' })).rejects.toThrow('has no int8 graphs');
    const pipeline = await loadPipeline(other.dir, { ...ONE, dtype: 'int8', vaeDir: folder.dir });
    expect(pipeline.info.dtype).toBe('int8');
    await pipeline.dispose();
    await other.dispose();
  });
});

describe('a type that a folder does not have', () => {
  it('is named with the types that are there and a remedy', async () => {
    await expect(loadPipeline(folder.dir, { ...ONE, dtype: 'int8' })).rejects.toThrow(
      /tiny has no int8 graphs, only model\.onnx: add them with python -m underpaint_export int8, in models\/export, or leave --dtype out$/,
    );
    await expect(loadPipeline(folder.dir, { ...ONE, dtype: 'fp16' })).rejects.toThrow(
      /tiny has no fp16 graphs, only those in fp32: export it with --dtype fp16, or leave --dtype out$/,
    );
    await expect(loadPipeline(HALF, { ...ONE, dtype: 'fp32' })).rejects.toThrow(
      /has no fp32 graphs, only those in fp16: export it in fp32, or leave --dtype out$/,
    );
  });

  it('may be that of the plain graphs', async () => {
    const pipeline = await loadPipeline(HALF, { ...ONE, dtype: 'fp16' });
    expect(pipeline.info.dtype).toBe('fp16');
    await pipeline.dispose();
  });
});

describe('--dtype auto on a processor', () => {
  const options = { ...ONE, dtype: 'auto', optimisedDir: () => at('kept') } as const;
  let last: BatchPace | undefined;
  const measured = async () => (await readdir(at('kept/measured'))).map((name) => at(`kept/measured/${name}`));

  async function auto(): Promise<string> {
    const { pipeline, pace } = await loadFastest(folder.dir, options);
    last = pace;
    await pipeline.dispose();
    return pipeline.info.dtype;
  }

  beforeEach(() => writeFile(at('vae_decoder/model_int8.onnx'), int8Decoder()));

  it('measures once, keeps the result, and follows it', async () => {
    const first = await auto();
    const [file] = await measured();
    const { plainMs, int8Ms } = JSON.parse(await readFile(file!, 'utf8')) as Record<string, number>;
    expect(first).toBe(int8Ms! < 0.9 * plainMs! ? 'int8' : 'fp32');
    expect(2 * last!.rowMs + last!.autoencoderMs).toBe(first === 'int8' ? int8Ms : plainMs);
    await writeFile(file!, JSON.stringify({ plainMs: 10, int8Ms: 5 }));
    expect(await auto()).toBe('int8');
    expect(last).toBeUndefined();
    await writeFile(file!, JSON.stringify({ plainMs: 10, int8Ms: 9.5 }));
    expect(await auto()).toBe('fp32');
    expect(await measured()).toEqual([file]);
  });

  it('measures again when a graph has changed, and when what was kept is broken', async () => {
    await auto();
    await utimes(at('vae_decoder/model_int8.onnx'), 1, 1);
    await auto();
    const files = await measured();
    expect(files).toHaveLength(2);
    for (const file of files) await writeFile(file, '{');
    await auto();
    const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
    expect(sizes.sort((a, b) => a - b)).toEqual([1, expect.any(Number)]);
    expect(sizes[1]).toBeGreaterThan(1);
  });

  it('measures nothing if there is no choice', async () => {
    await rm(at('vae_decoder/model_int8.onnx'));
    expect(await auto()).toBe('fp32');
    await expect(measured()).rejects.toThrow('ENOENT');
  });

  it('measures at each load if nothing can be kept', async () => {
    const { pipeline } = await loadFastest(folder.dir, { ...options, optimisedDir: () => at('unet/model.onnx') });
    await pipeline.dispose();
    expect(await readFile(at('unet/model.onnx'))).not.toHaveLength(0);
  });
});

describe('underpaint inspect', () => {
  async function lines(...argv: string[]): Promise<string> {
    const printed: string[] = [];
    await inspect([folder.dir, ...argv], commandContext({ print: (line) => printed.push(line) }));
    return printed.join('\n');
  }

  it('tells which types there are, and which one auto takes', async () => {
    expect(await lines()).toMatch(/numbers +fp32\n/);
    await writeFile(at('vae_decoder/model_int8.onnx'), int8Decoder());
    expect(await lines()).toMatch(
      /numbers +fp32, int8; .* measures at the first start[\s\S]*vae_decoder, \d+ KB, int8 \d KB/,
    );
    const auto = { ...ONE, dtype: 'auto', optimisedDir: () => at('.optimised') } as const;
    await (await loadFastest(folder.dir, auto)).pipeline.dispose();
    const [kept] = await readdir(at('.optimised/measured'));
    await writeFile(at(`.optimised/measured/${kept!}`), JSON.stringify({ plainMs: 50, int8Ms: 30 }));
    expect(await lines()).toContain('--dtype auto takes int8: a picture took 30 ms in int8, 50 ms without');
  });

  it('looks at the graphs of a type', async () => {
    await writeFile(at('vae_decoder/model_int8.onnx'), 'not a graph');
    expect(await lines()).not.toContain('cannot be served');
    expect(await lines('--dtype', 'int8')).toMatch(/cannot be served: .*model_int8\.onnx does not load/);
    await cp(at('vae_decoder/model.onnx'), at('vae_decoder/model_int8.onnx'));
    expect(await lines('--dtype', 'int8')).toMatch(/numbers +int8\n/);
  });
});
