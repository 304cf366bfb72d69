import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { infer } from '../../server/src/cli/infer.js';
import { inspect } from '../../server/src/cli/inspect.js';
import { maxDifference } from '../../server/src/cli/parity/difference.js';
import type { Inspection } from '../../server/src/pipeline/folder/inspect-folder.js';
import { loadPipeline, type Pipeline } from '../../server/src/pipeline/pipeline.js';
import type { Sample } from '../../server/src/pipeline/sample.js';
import { beginOne } from '../helpers/begin.js';
import { commandContext } from '../helpers/command-context.js';
import { onnxGraph, type SmallGraph, type TensorType } from '../helpers/onnx-graph.js';
import { CONTROL_DIR, makePicture, MODELS_DIR } from './model-folder-fixture.js';

/* Models that take the sketch as a condition of its own. Their recorded runs are in parity.test.ts. */

const SIZE = { width: 64, height: 64 };
const REQUEST = { prompt: 'a lake', steps: 2, strength: 1, guidance: 2, seed: 1 };

async function finish(pipeline: Pipeline, samples: readonly Sample[]): Promise<void> {
  for (let left = samples; left.length > 0; left = left.filter(({ done }) => !done)) await pipeline.step(left);
}

describe.each(['lcm-cond', 'lcm-controlnet'])('a sketch for %s', (model) => {
  let pipeline: Pipeline;

  beforeAll(async () => {
    pipeline = await loadPipeline(join(CONTROL_DIR, 'models', model), { threads: 1, size: SIZE });
  });
  afterAll(() => pipeline.dispose());

  const begin = (phase: number, control: number) =>
    beginOne(pipeline, { ...REQUEST, start: null, picture: makePicture(SIZE, phase), control });

  it('is told', () => {
    expect(pipeline.info.controls).toEqual({ control: {} });
  });

  it('changes nothing at scale 0, and more the greater the scale is', async () => {
    const samples = await Promise.all([begin(0, 0), begin(1, 0), begin(1, 0.5), begin(1, 2)]);
    await finish(pipeline, samples);
    const [none, other, half, full] = samples.map(({ denoised }) => denoised);
    expect(maxDifference(none!, other!)).toBeLessThan(1e-5);
    const [little, much] = [maxDifference(none!, half!), maxDifference(none!, full!)];
    expect(little).toBeGreaterThan(1e-2);
    expect(much).toBeGreaterThan(little);
  });

  it('shares calls with other sketches at other scales', async () => {
    const wanted = [
      [0, 1],
      [1, 0.3],
      [2, 2],
    ] as const;
    const [alone, together] = await Promise.all(
      [1, 2].map(() => Promise.all(wanted.map(([phase, scale]) => begin(phase, scale)))),
    );
    for (const sample of alone!) await finish(pipeline, [sample]);
    await finish(pipeline, together!);
    together!.forEach(({ denoised }, i) => expect(maxDifference(denoised, alone![i]!.denoised)).toBeLessThan(1e-3));
  });

  it('is not needed for a picture that is painted without one', async () => {
    const without = await pipeline.img2img({ ...REQUEST, picture: null, control: 2 });
    const [none] = [await begin(0, 0)];
    await finish(pipeline, [none]);
    const pixels = await pipeline.vaeDecode([none.denoised]);
    expect(maxDifference(without.pixels, pixels[0] as Uint8Array)).toBeLessThanOrEqual(1);
  });
});

// ── folders with other graphs ──────────────────────────────────────────────────────────────────────────────────────

let dir: string;
let pipeline: Pipeline | undefined;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'underpaint-control-'));
  await cp(join(MODELS_DIR, 'sd-turbo'), dir, { recursive: true });
});
afterEach(async () => {
  await pipeline?.dispose();
  pipeline = undefined;
  await rm(dir, { recursive: true });
});

const float = (...shape: TensorType['shape']): TensorType => ({ type: 'float32', shape });
const LATENTS = float('batch', 4, 'height', 'width');
const SCALE = float('batch');
const TEXT = float('batch', 'tokens', 24);

/** A UNet that takes these inputs and gives its latents out again. */
function unetWith(inputs: Readonly<Record<string, TensorType>>): SmallGraph {
  const timestep = { type: 'int64', shape: ['batch'] } as const;
  return {
    inputs: { sample: LATENTS, timestep, encoder_hidden_states: TEXT, ...inputs },
    outputs: { out_sample: LATENTS },
    nodes: [{ op: 'Identity', inputs: ['sample'], output: 'out_sample' }],
    constants: {},
  };
}

/** A UNet that adds the first four channels of the control, times the scale, to its latents. */
const ADDING: SmallGraph = {
  ...unetWith({ control: float('batch', 192, 'height', 'width'), conditioning_scale: SCALE }),
  nodes: [
    { op: 'Slice', inputs: ['control', 'from', 'to', 'axis'], output: 'four' },
    { op: 'Unsqueeze', inputs: ['conditioning_scale', 'axes'], output: 'scale' },
    { op: 'Mul', inputs: ['four', 'scale'], output: 'scaled' },
    { op: 'Add', inputs: ['sample', 'scaled'], output: 'out_sample' },
  ],
  constants: { from: [0], to: [4], axis: [1], axes: [1, 2, 3] },
};

/** A control encoder that folds blocks of pixels into channels. */
function encoderOf(blocksize: number): SmallGraph {
  return {
    inputs: { controlnet_cond: float('batch', 3, 'high', 'wide') },
    outputs: { control: float('batch', 3 * blocksize ** 2, 'height', 'width') },
    nodes: [{ op: 'SpaceToDepth', inputs: ['controlnet_cond'], output: 'control', attributes: { blocksize } }],
    constants: {},
  };
}

async function put(part: string, graph: SmallGraph): Promise<void> {
  await mkdir(join(dir, part), { recursive: true });
  await writeFile(join(dir, part, 'model.onnx'), onnxGraph(graph));
}

async function inspected(): Promise<Inspection> {
  const lines: string[] = [];
  await inspect([dir, '--json'], commandContext({ print: (line) => lines.push(line) }));
  return JSON.parse(lines[0]!) as Inspection;
}

describe('a folder with a control encoder', () => {
  beforeEach(async () => {
    await put('unet', ADDING);
    await put('control_encoder', encoderOf(8));
  });

  it('is served, and shows the encoder among its parts', async () => {
    const { problems, components, model } = await inspected();
    expect(problems).toEqual([]);
    expect(components.map(({ name }) => name)).toContain('control_encoder');
    expect(model!.controls.control).toEqual({});
  });

  it('gives the UNet each sketch in 0..1, and its scale', async () => {
    pipeline = await loadPipeline(dir, { threads: 1, size: SIZE });
    const begin = (fill: number, control: number) =>
      beginOne(pipeline!, { ...REQUEST, start: null, picture: new Uint8Array(64 * 64 * 3).fill(fill), control });
    const samples = [await begin(255, 0), await begin(255, 1), await begin(51, 2)];
    const inputs = samples.map(({ rows: [row] }) => [row!.control!.data[0], row!.conditioning_scale!.data[0]]);
    expect(inputs.flat().map((value) => Number(value).toFixed(4))).toEqual(
      [1, 0, 1, 1, 0.2, 2].map((value) => value.toFixed(4)),
    );
    await pipeline.step(samples, samples);
    const [none, one, other] = samples.map(({ denoised }) => denoised);
    // Epsilon prediction: the estimate is latents - sigma (scaled latents + control), all from the same noise.
    const change = (denoised: Float32Array) => none![0]! - denoised[0]!;
    expect(change(other!) / change(one!)).toBeCloseTo(0.4, 3);
  });

  it.each([
    [encoderOf(4), /control_encoder\/model.onnx makes control of 48 x 16 x 16, where the latents are 8 x 8/],
    [
      { ...encoderOf(8), inputs: { controlnet_cond: float('batch', 3, 32, 32) } },
      /control_encoder\/model.onnx takes 32 x 32 pixels only, not 64 x 64/,
    ],
    [
      { ...encoderOf(8), inputs: { controlnet_cond: float('batch', 1, 'high', 'wide') } },
      /controlnet_cond is float32 \[batch, 1, high, wide\], where .* the second of size 3/,
    ],
  ] as const)('that does not fit is refused in one line', async (graph, message) => {
    await put('control_encoder', graph);
    await expect(loadPipeline(dir, { threads: 1, size: SIZE })).rejects.toThrow(message);
  });

  it('of another model is refused', async () => {
    await put('unet', unetWith({ control: float('batch', 12, 'height', 'width'), conditioning_scale: SCALE }));
    const { problems } = await inspected();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(
      /makes control of 192 x 8 x 8, the unet takes 12 x 8 x 8: they are of different models/,
    );
  });

  it('that the UNet does not use is refused', async () => {
    await put('unet', unetWith({}));
    const { problems } = await inspected();
    expect(problems).toEqual([expect.stringMatching(/control_encoder\/model.onnx is not used: the unet has no input/)]);
  });
});

describe('a UNet', () => {
  const picture = float('batch', 3, 'high', 'wide');

  it.each([
    [{ conditioning_scale: SCALE }, /takes conditioning_scale, but neither controlnet_cond nor control/],
    [{ control: LATENTS, conditioning_scale: SCALE }, /has no control_encoder\/model.onnx to make it: export both/],
    [{ controlnet_cond: picture, control: LATENTS }, /takes both controlnet_cond and control/],
    [{ controlnet_cond: float('batch', 3, 32, 32) }, /takes 32 x 32 pixels only, not 64 x 64/],
    [{ controlnet_cond: float('batch', 4, 'high', 'wide') }, /controlnet_cond is float32 .* the second of size 3/],
    [{ controlnet_cond: float('batch', 3, 'high') }, /controlnet_cond is float32 \[batch, 3, high\], where .* in 4/],
    [{ controlnet_cond: picture, conditioning_scale: float('batch', 13) }, /conditioning_scale is .* in 1 dimensions/],
  ] as const)('with the inputs %j is refused in one line', async (inputs, message) => {
    await put('unet', unetWith(inputs));
    const { problems } = await inspected();
    expect(problems).toEqual([expect.stringMatching(message)]);
    expect(problems[0]).not.toContain('\n');
  });

  it('may take the sketch without a scale', async () => {
    await put('unet', unetWith({ controlnet_cond: picture }));
    const { problems, model } = await inspected();
    expect(problems).toEqual([]);
    expect(model!.controls.control).toBeUndefined();
  });
});

describe('underpaint.json', () => {
  const declare = (card: object) => writeFile(join(dir, 'underpaint.json'), JSON.stringify(card));

  it('may say that a model starts from noise: at full strength no sketch is encoded', async () => {
    const paint = async (startsFromNoise: boolean, phase: number, strength = 1) => {
      await declare({ startsFromNoise });
      const model = await loadPipeline(dir, { threads: 1, size: SIZE });
      const { pixels } = await model.img2img({ ...REQUEST, strength, picture: makePicture(SIZE, phase) });
      await model.dispose();
      return pixels;
    };
    expect(await paint(true, 0)).toEqual(await paint(true, 1));
    expect(await paint(true, 0, 0.9)).not.toEqual(await paint(true, 1, 0.9));
    expect(await paint(false, 0)).not.toEqual(await paint(false, 1));
  });

  it('may define an empty sheet, which then replaces a missing sketch', async () => {
    await put('unet', unetWith({ controlnet_cond: float('batch', 3, 'high', 'wide'), conditioning_scale: SCALE }));
    await declare({ emptySheet: '#ff8000', controls: { control: { max: 1.5 } }, defaults: { control: 0.8 } });
    pipeline = await loadPipeline(dir, { threads: 1, size: SIZE });
    expect(pipeline.info).toMatchObject({
      emptySheet: '#ff8000',
      controls: { control: { max: 1.5 } },
      defaults: { control: 0.8 },
    });
    const { rows } = await beginOne(pipeline, { ...REQUEST, control: 0.8 });
    const { controlnet_cond: sheet, conditioning_scale: scale } = rows[0]!;
    expect([[...sheet!.data.slice(0, 3)], scale!.data[0]]).toEqual([[255, 128, 0], Math.fround(0.8)]);
  });

  it.each([
    [{ emptySheet: 'white' }, /emptySheet is "white"; it must be a colour such as #ffffff/],
    [{ startsFromNoise: 1 }, /startsFromNoise is 1; it must be true or false/],
    [{ controls: { control: { max: 3 } } }, /controls.control.max is 3; it must be a number from 0 to 2/],
    [{ controls: { control: 1 } }, /controls.control is 1; it must be an object/],
    [
      { controls: { control: { min: 0.5 } }, defaults: { control: 0.2 } },
      /defaults is {"control":0.2}; it must be within the ranges of controls/,
    ],
  ])('%j is refused', async (card, message) => {
    await declare(card);
    await expect(loadPipeline(dir)).rejects.toThrow(message);
  });
});

describe('infer --control', () => {
  const run = async (model: string, ...argv: string[]) => {
    const warnings: string[] = [];
    const output = join(dir, 'out.png');
    const args = ['--model', model, '--prompt', 'a lake', '--steps', '1', '--strength', '1', '--threads', '1'];
    const sketch = ['--input', join(CONTROL_DIR, 'control_image.png'), '--size', '64', '--output', output];
    const code = await infer([...args, ...sketch, ...argv], commandContext({ warn: (line) => warnings.push(line) }));
    expect(code).toBe(0);
    return { warnings, bytes: await readFile(output) };
  };

  it('sets how strongly the sketch controls the picture', async () => {
    const model = join(CONTROL_DIR, 'models/lcm-controlnet');
    const [none, usual, full] = [
      await run(model, '--control', '0'),
      await run(model),
      await run(model, '--control', '1'),
    ];
    expect(usual.bytes).toEqual(full.bytes);
    expect(none.bytes).not.toEqual(full.bytes);
    expect(none.warnings).toEqual([]);
  });

  it('warns if it changes nothing', async () => {
    const { warnings } = await run(join(MODELS_DIR, 'sd-turbo'), '--control', '1');
    expect(warnings).toEqual(['--control is not used: this model takes no control']);
  });
});
