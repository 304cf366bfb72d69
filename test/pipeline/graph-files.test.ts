import { cp, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ModelError } from '../../server/src/pipeline/errors.js';
import { checkExternalData, externalEnds } from '../../server/src/pipeline/folder/external-data.js';
import { graphBytes } from '../../server/src/pipeline/folder/graph-bytes.js';
import { inspectFolder } from '../../server/src/pipeline/folder/inspect-folder.js';
import { loadPipeline } from '../../server/src/pipeline/pipeline.js';
import { Graph } from '../../server/src/pipeline/graphs/ort.js';
import { makeModelFolder, makePicture, MODELS_DIR } from './model-folder-fixture.js';
import { TYPES, writeOnnx, type GraphDescription, type TypeName } from '../helpers/onnx-writer.js';

const CPU = { device: 'cpu', deviceId: 0, threads: 1 } as const;

let work: string;
const at = (path: string): string => join(work, path);

beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), 'underpaint-graph-'));
});
afterEach(() => rm(work, { recursive: true }));

/** y = x, of that type. */
function identity(type: TypeName = 'float32'): GraphDescription {
  const shape = ['batch', 2];
  return {
    inputs: [{ name: 'x', type, shape }],
    outputs: [{ name: 'y', type, shape }],
    nodes: [{ operator: 'Identity', inputs: ['x'], outputs: ['y'] }],
  };
}

/** y = x + w, where w lies elsewhere. */
function sumWith(external: Readonly<Record<string, string>>): GraphDescription {
  return {
    ...identity(),
    nodes: [{ operator: 'Add', inputs: ['x', 'w'], outputs: ['y'] }],
    initializers: [{ name: 'w', type: 'float32', shape: [2], data: external }],
  };
}

describe('weights beside a graph', () => {
  beforeEach(() => writeFile(at('weights.bin'), Float32Array.of(1, 2, 3, 4)));

  async function opened(external: Readonly<Record<string, string>>): Promise<unknown> {
    const path = at('model.onnx');
    await writeFile(path, writeOnnx(sumWith(external)));
    await checkExternalData(path);
    const graph = await Graph.open(path, CPU);
    const x = { type: 'float32', data: Float32Array.of(10, 20), shape: [1, 2] } as const;
    const [sum] = await graph.run({ x }, ['y']);
    await graph.dispose();
    return [...(sum!.data as Float32Array)];
  }

  it.each([
    ['a place alone', { location: 'weights.bin' }, [11, 22]],
    ['a place beginning with ./', { location: './weights.bin' }, [11, 22]],
    ['a place and where they begin', { location: 'weights.bin', offset: '8' }, [13, 24]],
    ['a place and a length', { location: 'weights.bin', length: '8' }, [11, 22]],
    ['all three', { location: 'weights.bin', offset: '4', length: '8' }, [12, 23]],
  ])('are read where the graph tells %s', async (_name, external, sum) => {
    expect(await opened(external)).toEqual(sum);
  });

  it.each([
    ['begin too late for their size', { location: 'weights.bin', offset: '12' }, /has 16 bytes, .* declares 20/],
    ['are longer than the file', { location: 'weights.bin', length: '24' }, /has 16 bytes, .* declares 24/],
    ['are not there', { location: 'none.bin' }, /none\.bin, the weights of .*model\.onnx, is missing/],
    ['lie above the folder', { location: '../weights.bin' }, /in \.\.\/weights\.bin, outside of its folder/],
    ['lie at an absolute place', { location: '/etc/hostname' }, /in \/etc\/hostname, outside of its folder/],
  ])('are refused in one line where they %s', async (_name, external, message) => {
    await expect(opened(external)).rejects.toThrow(message);
    await expect(opened(external)).rejects.toBeInstanceOf(ModelError);
  });

  it.each([
    ['float32', [3, 5], 60],
    ['float16', [3, 5], 30],
    ['int64', [3], 24],
    ['uint8', [7], 7],
    ['float32', [], 4],
    ['float32', [0, 5], 0],
  ] as const)('of type %s and shape %j end at byte %d', async (type, shape, end) => {
    const initializers = [{ name: 'w', type, shape, data: { location: 'weights.bin' } }];
    await writeFile(at('model.onnx'), writeOnnx({ ...identity(), initializers }));
    expect([...(await externalEnds(at('model.onnx')))]).toEqual([['weights.bin', end]]);
  });

  it('are counted once, however many tensors are in them', async () => {
    const initializers = ['4', '0'].map((offset) => ({
      name: `w${offset}`,
      type: 'float32' as const,
      shape: [2],
      data: { location: 'weights.bin', offset },
    }));
    const graph = writeOnnx({ ...identity(), initializers });
    await writeFile(at('model.onnx'), graph);
    expect([...(await externalEnds(at('model.onnx')))]).toEqual([['weights.bin', 12]]);
    expect(await graphBytes(at('model.onnx'))).toBe(graph.length + 16);
  });
});

const STRANGE: readonly (readonly [string, GraphDescription, RegExp])[] = [
  [
    'of a later format',
    { ...identity(), irVersion: 99 },
    /is in version 99 of the ONNX format, and this ONNX Runtime reads up to \d\d: export it with an older onnx/,
  ],
  [
    'of a later opset',
    { ...identity(), opset: 99 },
    /uses opset 99 of ai\.onnx, and this ONNX Runtime knows up to \d\d: export it again .* such as 17$/,
  ],
  [
    'of a later opset of another domain',
    { ...identity(), domains: { 'ai.onnx.ml': 99 } },
    /uses opset 99 of ai\.onnx\.ml, and .* up to (\d): .* such as \1$/,
  ],
  [
    'with bfloat16 inputs and outputs',
    identity('bfloat16'),
    /takes or gives bfloat16, which cannot be passed from here: export it in float32 or float16/,
  ],
  [
    'that computes in bfloat16',
    {
      ...identity(),
      nodes: [
        { operator: 'Cast', attributes: { to: TYPES.bfloat16 }, inputs: ['x'], outputs: ['a'] },
        { operator: 'Cos', inputs: ['a'], outputs: ['b'] },
        { operator: 'Cast', attributes: { to: TYPES.float32 }, inputs: ['b'], outputs: ['y'] },
      ],
    },
    /computes Cos in bfloat16.*export it in float32/,
  ],
  [
    'with an operator of its own',
    {
      ...identity(),
      domains: { 'my.ops': 1 },
      nodes: [{ operator: 'Magic', domain: 'my.ops', inputs: ['x'], outputs: ['y'] }],
    },
    /uses Magic of my\.ops, an operator that this ONNX Runtime does not have/,
  ],
  [
    'with an operator that there is not',
    { ...identity(), nodes: [{ operator: 'Magic', inputs: ['x'], outputs: ['y'] }] },
    /uses Magic, which opset 17 of ONNX does not have/,
  ],
];

describe('a graph gives one clear line', () => {
  it.each(STRANGE)('%s', async (_name, description, message) => {
    await writeFile(at('model.onnx'), writeOnnx(description));
    const error: unknown = await Graph.open(at('model.onnx'), CPU).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ModelError);
    expect((error as ModelError).message).toMatch(message);
    expect((error as ModelError).message).not.toMatch(/\n|onnxruntime_src/);
  });

  it('in inspect and in load', async () => {
    const folder = await makeModelFolder();
    const [, description, message] = STRANGE[1]!;
    await writeFile(join(folder.dir, 'unet/model.onnx'), writeOnnx(description));
    const { problems } = await inspectFolder(folder.dir);
    expect(problems).toEqual([expect.stringMatching(message)]);
    await expect(loadPipeline(folder.dir, {})).rejects.toThrow(message);
    await folder.dispose();
  });
});

describe('graphs in the folder onnx/', () => {
  /** Moves what of each part ends so, and leaves PyTorch weights where the graphs were. */
  async function nest(kind: string, ends: readonly string[]): Promise<void> {
    await cp(join(MODELS_DIR, kind), at('model'), { recursive: true });
    const parts = (await readdir(at('model'))).filter((part) => !part.endsWith('.json'));
    for (const part of parts) {
      const files = (await readdir(at(`model/${part}`))).filter((file) => ends.some((end) => file.endsWith(end)));
      if (files.length > 0) await mkdir(at(`model/onnx/${part}`), { recursive: true });
      for (const file of files) await rename(at(`model/${part}/${file}`), at(`model/onnx/${part}/${file}`));
      await writeFile(at(`model/${part}/diffusion_pytorch_model.safetensors`), '');
    }
  }

  async function pictureOf(dir: string): Promise<Uint8Array> {
    const pipeline = await loadPipeline(dir, { threads: 1 });
    const request = { prompt: 'a house', steps: 2, strength: 1, guidance: 1, seed: 1 };
    const { pixels } = await pipeline.img2img({ ...request, picture: makePicture(pipeline.info) });
    await pipeline.dispose();
    return pixels;
  }

  it.each([
    ['alone, the rest where diffusers has it', 'lcm', ['.onnx']],
    ['with all that belongs to them', 'lcm', ['']],
    ['of two text encoders', 'sdxl-turbo', ['.onnx']],
    ['with data beside them', 'sd-turbo', ['.onnx', '.onnx_data', 'tokenizer.json', 'tokenizer_config.json']],
  ])('are found %s', async (_name, kind, ends) => {
    await nest(kind, ends);
    const plain = await inspectFolder(join(MODELS_DIR, kind));
    const nested = await inspectFolder(at('model'));
    expect(nested.problems).toEqual([]);
    expect(nested.components.map(({ name, bytes }) => [name, bytes])).toEqual(
      plain.components.map(({ name, bytes }) => [name, bytes]),
    );
    expect(nested.components.every(({ graph }) => graph.startsWith(at('model/onnx/')))).toBe(true);
    expect(nested.scheduler).toEqual(plain.scheduler);
    expect(await pictureOf(at('model'))).toEqual(await pictureOf(join(MODELS_DIR, kind)));
  });

  it('are those of another autoencoder, too', async () => {
    await cp(join(MODELS_DIR, 'tiny-vae'), at('vae/onnx'), { recursive: true });
    const { problems, components } = await inspectFolder(join(MODELS_DIR, 'sd-turbo'), at('vae'));
    expect(problems).toEqual([]);
    expect(components.filter(({ graph }) => graph.startsWith(at('vae/onnx/')))).toHaveLength(2);
  });

  it('are ignored if the model has its own', async () => {
    await cp(join(MODELS_DIR, 'lcm'), at('model'), { recursive: true });
    await cp(join(MODELS_DIR, 'sd-turbo'), at('model/onnx'), { recursive: true });
    const { problems, components } = await inspectFolder(at('model'));
    expect(problems).toEqual([]);
    expect(components.some(({ graph }) => graph.includes('onnx/'))).toBe(false);
  });

  it('are named if one is missing', async () => {
    await nest('lcm', ['.onnx']);
    await rm(at('model/onnx/text_encoder/model.onnx'));
    expect((await inspectFolder(at('model'))).problems).toEqual([
      expect.stringMatching(/model\/onnx\/text_encoder\/model\.onnx is missing/),
    ]);
  });

  it('are not behind links that lead out of the folder', async () => {
    await nest('lcm', ['.onnx']);
    await rename(at('model/onnx/unet/model.onnx'), at('elsewhere.onnx'));
    await symlink(at('elsewhere.onnx'), at('model/onnx/unet/model.onnx'));
    expect((await inspectFolder(at('model'))).problems).toEqual([
      expect.stringMatching(/onnx\/unet\/model\.onnx is a link that leads out of the folder/),
    ]);
  });
});
