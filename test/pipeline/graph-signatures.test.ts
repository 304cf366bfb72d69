import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inspectFolder } from '../../server/src/pipeline/folder/inspect-folder.js';
import { loadPipeline } from '../../server/src/pipeline/pipeline.js';
import { makePicture, MODELS_DIR } from './model-folder-fixture.js';
import {
  TYPES,
  writeOnnx,
  type GraphDescription,
  type Node,
  type TypeName,
  type ValueInfo,
} from '../helpers/onnx-writer.js';

/*
 * Graphs that load, and would fail or paint nonsense at the first picture. Each is a whole folder but for one graph, and
 * must be told from the others when it is looked at.
 */

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'underpaint-signature-'));
});
afterEach(() => rm(dir, { recursive: true }));

async function folderOf(kind: string): Promise<void> {
  await cp(join(MODELS_DIR, kind), dir, { recursive: true });
}

async function replace(part: string, graph: GraphDescription): Promise<void> {
  await writeFile(join(dir, part, 'model.onnx'), writeOnnx(graph));
}

async function configure(path: string, change: object): Promise<void> {
  const config = JSON.parse(await readFile(join(dir, path), 'utf8')) as object;
  await writeFile(join(dir, path), JSON.stringify({ ...config, ...change }));
}

/** The one problem that inspect finds; loading fails with the same words. */
async function problem(): Promise<string> {
  const { problems } = await inspectFolder(dir);
  expect(problems).toHaveLength(1);
  await expect(loadPipeline(dir, { threads: 1 })).rejects.toThrow(problems[0]);
  expect(problems[0]).not.toContain('\n');
  return problems[0]!;
}

function value(name: string, shape: ValueInfo['shape'], type: TypeName = 'float32'): ValueInfo {
  return { name, type, shape };
}

/** Gives `from` out as `to`. */
function passing(from: ValueInfo, to: ValueInfo, nodes?: readonly Node[]): GraphDescription {
  const identity = { operator: 'Identity', inputs: [from.name], outputs: [to.name] };
  return { inputs: [from], outputs: [to], nodes: nodes ?? [identity] };
}

const SAMPLE = value('sample', ['batch', 4, 'height', 'width']);
const TIMESTEP = value('timestep', ['batch'], 'int64');
const TEXT = value('encoder_hidden_states', ['batch', 'tokens', 16]);

/** A unet that gives its latents out again. */
function unetWith(...changed: readonly ValueInfo[]): GraphDescription {
  const named = new Map([SAMPLE, TIMESTEP, TEXT, ...changed].map((info) => [info.name, info]));
  const { out_sample: out = { ...named.get('sample')!, name: 'out_sample' }, ...inputs } = Object.fromEntries(named);
  return { ...passing(named.get('sample')!, out), inputs: Object.values(inputs) };
}

function twice(axis: number): Node[] {
  return [{ operator: 'Concat', inputs: ['sample', 'sample'], outputs: ['out_sample'], attributes: { axis } }];
}

describe('a unet', () => {
  beforeEach(() => folderOf('lcm-lora'));

  it('of the usual inputs is taken', async () => {
    await replace('unet', unetWith());
    expect((await inspectFolder(dir)).problems).toEqual([]);
  });

  it.each([
    ['sample', ['b', 4, 'h'], 'float32', /sample is float32 \[b, 4, h\], where .* in 4 dimensions/],
    ['sample', ['b', 4, 't', 'h', 'w'], 'float32', /sample is float32 \[b, 4, t, h, w\], where .* in 4 dimensions/],
    ['sample', ['b', 4, 'h', 'w'], 'uint8', /sample is uint8 .*, where float32, float16 or float64 in 4/],
    ['timestep', ['b', 1], 'int64', /timestep is int64 \[b, 1\], where .* in 0 or 1 dimensions/],
    ['timestep', ['b'], 'bool', /timestep is bool \[b\]/],
    ['encoder_hidden_states', ['b', 16], 'float32', /encoder_hidden_states is float32 \[b, 16\], where .* in 3/],
    ['encoder_hidden_states', ['b', 's', 16], 'int64', /encoder_hidden_states is int64/],
    ['encoder_hidden_states', ['b', 's', 20], 'float32', /give 16 numbers a token, the unet takes 20/],
    ['encoder_hidden_states', ['b', 5, 16], 'float32', /give 77 tokens, the unet takes 5: export both for the same/],
    ['timestep_cond', [256], 'float32', /timestep_cond is float32 \[256\], where .* in 2 dimensions/],
    ['sample', ['b', 8, 'h', 'w'], 'float32', /decodes 4 channels, the unet has 8/],
  ] as const)('with %s %j of type %s is refused', async (name, shape, type, message) => {
    await replace('unet', unetWith(value(name, shape, type)));
    expect(await problem()).toMatch(message);
  });

  it('that reads no prompt is refused', async () => {
    const graph = unetWith();
    await replace('unet', { ...graph, inputs: graph.inputs.filter(({ name }) => name !== TEXT.name) });
    expect(await problem()).toMatch(/the unet has no input encoder_hidden_states/);
  });

  it('that leaves its text width to the configuration is checked by that', async () => {
    await replace('unet', unetWith(value(TEXT.name, ['batch', 'tokens', 'width'])));
    expect((await inspectFolder(dir)).problems).toEqual([]);
    await configure('unet/config.json', { cross_attention_dim: 20 });
    expect(await problem()).toMatch(/give 16 numbers a token, the unet takes 20/);
  });

  it('that answers with more channels is refused', async () => {
    const out = value('out_sample', ['batch', 'channels', 'height', 'width']);
    await replace('unet', { ...unetWith(out), nodes: twice(1) });
    expect(await problem()).toMatch(/out_sample is float32 \[batch, 8, height, width\], where .* second of size 4/);
  });

  it('that answers with whole numbers is refused', async () => {
    const cast = { operator: 'Cast', inputs: ['sample'], outputs: ['out_sample'], attributes: { to: TYPES.int64 } };
    await replace('unet', { ...unetWith({ ...SAMPLE, name: 'out_sample', type: 'int64' }), nodes: [cast] });
    expect(await problem()).toMatch(/out_sample is int64/);
  });

  it('fails with a clear message if its output shape is known only when it runs', async () => {
    await replace('unet', { ...unetWith(value('out_sample', ['any', 4, 'height', 'width'])), nodes: twice(0) });
    const pipeline = await loadPipeline(dir, { threads: 1 });
    const request = { prompt: '', steps: 1, strength: 1, guidance: 1, seed: 1, picture: makePicture(pipeline.info) };
    await expect(pipeline.img2img(request)).rejects.toThrow(/gives \[.*\] for latents of \[.*\]/);
    await pipeline.dispose();
  });
});

/** Of everything. */
const MEAN: Node = {
  operator: 'ReduceMean',
  inputs: ['latent_sample'],
  outputs: ['sample'],
  attributes: { keepdims: 1 },
};

describe('an autoencoder', () => {
  beforeEach(() => folderOf('lcm-lora'));

  const latents = (shape: ValueInfo['shape'], type?: TypeName) => value('latent_sample', shape, type);
  const FREE = ['b', 4, 'h', 'w'] as const;

  it.each([
    [
      'grey pictures',
      passing(latents(FREE), value('sample', ['b', 'c', 'h', 'w']), [MEAN]),
      /sample is float32 \[1, 1, 1, 1\], where .* the second of size 3/,
    ],
    [
      "pictures of the latents' own number",
      passing(latents(['b', 'c', 'h', 'w']), value('sample', ['b', 'c', 'h', 'w'])),
      /makes a picture of 4 x 8 x 8 of 8 x 8 latents: only decoders to red, green and blue/,
    ],
    ['four colours', passing(latents(FREE), value('sample', FREE)), /sample is float32 \[b, 4, h, w\].*size 3/],
    ['whole numbers', passing(latents(FREE, 'int64'), value('sample', FREE, 'int64')), /latent_sample is int64/],
    ['lines', passing(latents(['b', 4, 'n']), value('sample', ['b', 4, 'n'])), /latent_sample is .* in 4 dimensions/],
  ])('that decodes to %s is refused', async (_name, graph, message) => {
    await replace('vae_decoder', graph);
    expect(await problem()).toMatch(message);
  });

  it.each([
    [['b', 3, 'h', 'w'], 'int64', /sample is int64 .*where float32 or float16 in 4/],
    [['b', 4, 'h', 'w'], 'float32', /sample is float32 \[b, 4, h, w\], where .* the second of size 3/],
    [['b', 3, 'h'], 'float32', /sample is float32 \[b, 3, h\], where .* in 4 dimensions/],
  ] as const)('that encodes pictures %j of type %s is refused', async (shape, type, message) => {
    await replace('vae_encoder', passing(value('sample', shape, type), latents(shape, type)));
    expect(await problem()).toMatch(message);
  });
});

describe('a text encoder', () => {
  const hidden = (shape: ValueInfo['shape'], type?: TypeName) => value('last_hidden_state', shape, type);

  it.each([
    [
      passing(value('input_ids', ['b', 's']), hidden(['b', 's'])),
      /input_ids is float32 \[b, s\], where int64 or int32/,
    ],
    [
      passing(value('input_ids', ['b', 's', 1], 'int64'), hidden(['b', 's', 1], 'int64')),
      /input_ids is int64 \[b, s, 1\]/,
    ],
    [
      passing(value('input_ids', ['b', 's'], 'int64'), hidden(['b', 's'], 'int64')),
      /last_hidden_state is int64 \[b, s\]/,
    ],
  ])('of another kind is refused: case %#', async (graph, message) => {
    await folderOf('lcm-lora');
    await replace('text_encoder', graph);
    expect(await problem()).toMatch(message);
  });

  it('with far more ids than the tokenizer has is refused', async () => {
    await folderOf('lcm-lora');
    await configure('text_encoder/config.json', { vocab_size: 1_024 });
    expect((await inspectFolder(dir)).problems).toEqual([]);
    await configure('text_encoder/config.json', { vocab_size: 49_408 });
    expect(await problem()).toMatch(/has ids up to 599, .* knows those below 49408: they are of different models/);
  });

  it('that ends texts with another token is refused, unless its configuration is too old to say so', async () => {
    await folderOf('lcm-lora');
    await configure('text_encoder/config.json', { eos_token_id: 2 });
    expect((await inspectFolder(dir)).problems).toEqual([]);
    await configure('text_encoder/config.json', { eos_token_id: 500 });
    expect(await problem()).toMatch(/ends a text with id 599, .* with 500: they are of different models/);
  });

  it.each([
    ['text_encoder', /text_encoder.model\.onnx is missing/],
    ['text_encoder_2', /no text_encoder_2: export both/],
    ['tokenizer_2', /tokenizer_2.vocab\.json is missing/],
  ])('is missed in a folder of SDXL: %s', async (part, message) => {
    await folderOf('sdxl-turbo');
    await rm(join(dir, part), { recursive: true });
    expect(await problem()).toMatch(message);
  });

  it('is one too many for a unet that reads one', async () => {
    await folderOf('sdxl-turbo');
    await replace('unet', unetWith(value(TEXT.name, ['batch', 'tokens', 40])));
    expect(await problem()).toMatch(/has two text encoders, but no unet of the SDXL family.*or remove text_encoder_2/);
  });
});
