import fc from 'fast-check';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inspect } from '../../server/src/cli/inspect.js';
import { runCase } from '../../server/src/cli/parity/cases.js';
import type { Inspection } from '../../server/src/pipeline/folder/inspect-folder.js';
import { layoutOf } from '../../server/src/pipeline/family.js';
import { openPassing, type Extension } from '../../server/src/pipeline/graphs/extended-graph.js';
import { LatentScaling } from '../../server/src/pipeline/graphs/latent-scaling.js';
import { floatsOf, floatTensor } from '../../server/src/pipeline/graphs/tensor.js';
import { loadPipeline } from '../../server/src/pipeline/pipeline.js';
import { parsePythonJson } from '../../server/src/pipeline/folder/python-json.js';
import { makeModelFolder, MODELS_DIR } from './model-folder-fixture.js';
import { commandContext } from '../helpers/command-context.js';

type Json = Record<string, unknown>;

describe('JSON as Python writes it', () => {
  it.each([
    ['{"a": -Infinity, "b": [Infinity, NaN]}', { a: -Infinity, b: [Infinity, NaN] }],
    ['NaN', NaN],
    ['{"a": "NaN, \\" -Infinity", "b": NaN}', { a: 'NaN, " -Infinity', b: NaN }],
    ['{"a\\\\": NaN, "Infinity": "NaN"}', { 'a\\': NaN, Infinity: 'NaN' }],
    ['{"a": 1}', { a: 1 }],
  ])('%s', (text, value) => expect(parsePythonJson(text)).toEqual(value));

  it.each([
    '-NaN',
    '+Infinity',
    '1Infinity',
    '1.Infinity',
    '- Infinity',
    'Infinity2',
    'InfinityNaN',
    'nan',
    '[NaN NaN]',
    '{NaN: 1}',
    '{-Infinity: 1}',
    '{"a": NaN, "b": "NaN}',
    '{"a": NaN',
    '',
  ])('is not %j', (text) => expect(() => parsePythonJson(text)).toThrow(SyntaxError));

  it('returns whatever was written, including special numbers and text with their names', () => {
    const words = fc.constantFrom('NaN', '-Infinity', '"', '\\', '"Infinity"', '\\"NaN');
    const { tree } = fc.letrec((tie) => ({
      leaf: fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity), words, fc.string(), fc.boolean()),
      tree: fc.oneof(tie('leaf'), fc.array(tie('tree')), fc.dictionary(fc.oneof(words, fc.string()), tie('tree'))),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        expect(parsePythonJson(pythonJson(value))).toEqual(withoutNegativeZero(value));
      }),
    );
  });
});

/** As `json.dumps` of Python writes it. */
function pythonJson(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${pythonJson(each)}`);
  return `{${entries.join(', ')}}`;
}

/** `String` writes -0 as 0, and JSON has no null prototypes. */
function withoutNegativeZero(value: unknown): unknown {
  if (typeof value === 'number') return value + 0;
  if (Array.isArray(value)) return value.map(withoutNegativeZero);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutNegativeZero(each)]));
}

describe('a folder whose JSON is written in other ways', () => {
  let folder: Awaited<ReturnType<typeof makeModelFolder>>;
  const FILES = [
    'model_index',
    'scheduler/scheduler_config',
    'unet/config',
    'text_encoder/config',
    'vae_decoder/config',
  ];
  const at = (name: string): string => join(folder.dir, `${name}.json`);
  const change = async (name: string, to: (text: string) => string | Buffer): Promise<void> =>
    writeFile(at(name), to(await readFile(at(name), 'utf8')));
  const served = async () => {
    const pipeline = await loadPipeline(folder.dir, { threads: 1 });
    await pipeline.dispose();
    return pipeline.info.kind;
  };

  beforeEach(async () => {
    folder = await makeModelFolder();
  });
  afterEach(() => folder.dispose());

  it('is served with numbers that only Python has', async () => {
    for (const name of FILES)
      await change(name, (text) => text.replace('{', '{"lambda_min_clipped": -Infinity, "b": NaN,'));
    expect(await served()).toBe('lcm');
  });

  it('is served with a byte order mark', async () => {
    for (const name of FILES) await change(name, (text) => `\ufeff${text}`);
    expect(await served()).toBe('lcm');
  });

  it('is served with null for a missing value', async () => {
    const nulls =
      '"trained_betas": null, "clip_sample": null, "time_cond_proj_dim": null, "num_class_embeds": null, "vocab_size": null, ' +
      '"shift_factor": null, "latents_mean": null, "latents_std": null, "scaling_factor": null, "block_out_channels": null,';
    for (const name of FILES) await change(name, (text) => text.replace('{', `{${nulls}`));
    expect(await served()).toBe('lcm');
  });

  it('is served with a class of its own module', async () => {
    await change('model_index', () => '{"_class_name": ["own_module", "LatentConsistencyModelPipeline"]}');
    expect(await served()).toBe('lcm');
  });

  it('says that UTF-16 is not read', async () => {
    for (const mark of ['\ufeff', ''])
      await change('unet/config', (text) => Buffer.from(`\ufeff${mark}${text}`, 'utf16le'));
    await expect(served()).rejects.toThrow(/unet\/config\.json is written in UTF-16: save it as UTF-8/);
  });
});

describe('fields that cannot be served are reported by inspect and by loading', () => {
  let folder: Awaited<ReturnType<typeof makeModelFolder>>;

  beforeEach(async () => {
    folder = await makeModelFolder();
  });
  afterEach(() => folder.dispose());

  it.each([
    [
      'scheduler/scheduler_config',
      { _class_name: 'LCMScheduler', steps_offset: '1' },
      'steps_offset is "1"; it must be',
    ],
    [
      'model_index',
      { force_zeros_for_empty_prompt: 'yes' },
      'force_zeros_for_empty_prompt is "yes"; it must be true or',
    ],
    [
      'model_index',
      { requires_aesthetics_score: true },
      'requires_aesthetics_score is true; it must be false: a refiner',
    ],
    ['unet/config', { sample_size: 'big' }, 'sample_size is "big"; it must be a whole number from 1 to'],
    ['unet/config', { block_out_channels: 8 }, 'block_out_channels is 8; it must be a list of numbers'],
    ['text_encoder/config', { vocab_size: -1 }, 'vocab_size is -1; it must be a whole number from 1'],
    ['vae_encoder/config', { scaling_factor: '0.18' }, 'scaling_factor is "0.18"; it must be a number above 0'],
    [
      'vae_decoder/config',
      { latents_mean: [0, 0, 0, 0] },
      'latents_std is missing; it must be a list of as many numbers',
    ],
    ['underpaint', { defaults: { strength: 3 } }, 'defaults.strength is 3; it must be a number from 0 to 1'],
    [
      'underpaint',
      { controls: { steps: { min: 5, max: 4 } } },
      'controls.steps.max is 4; it must be a number from min',
    ],
    ['underpaint', { vocabulary: 'sea' }, 'vocabulary is "sea"; it must be a list of at most 2000 texts of at most 32'],
    ['underpaint', { vocabulary: ['sea', 'a'.repeat(33)] }, 'vocabulary.1 is "aaaaaaaaaaaaa'],
    ['underpaint', { vocabulary: Array(2_001).fill('sea') }, 'vocabulary is ["sea","sea"'],
    ['underpaint', [], 'it must be an object'],
  ])('%s.json with %j', async (name, content, message) => {
    const path = join(folder.dir, `${name}.json`);
    await writeFile(path, JSON.stringify(content));
    const lines: string[] = [];
    const context = commandContext({ print: (line) => void lines.push(line) });
    expect(await inspect([folder.dir, '--json'], context)).toBe(2);
    const { problems } = JSON.parse(lines[0]!) as Inspection;
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`${path}: ${message}`);
    await expect(loadPipeline(folder.dir)).rejects.toThrow(problems[0]!);
  });
});

describe('a folder of the SDXL family without a setting gets the default of diffusers:', () => {
  let dir: string;

  /** A recorded case, with its folder to change. */
  async function copyOf(model: string, name: string): Promise<void> {
    for (const part of ['init_image.uint8.npy', model, join('pipelines', name)]) {
      await cp(join(MODELS_DIR, part), join(dir, part), { recursive: true });
    }
  }
  async function configure(path: string, change: (config: Json) => void): Promise<void> {
    const config = JSON.parse(await readFile(join(dir, path), 'utf8')) as Json;
    change(config);
    await writeFile(join(dir, path), JSON.stringify(config));
  }

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'underpaint-left-out-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('zeros for a prompt without words', async () => {
    await copyOf('sdxl-base', 'sdxl-base_g3_n6');
    await configure('sdxl-base/model_index.json', (index) => delete index['force_zeros_for_empty_prompt']);
    expect((await runCase(dir, 'sdxl-base_g3_n6'))!.latentsMax).toBeLessThan(1e-3);
    await configure('sdxl-base/model_index.json', (index) => (index['force_zeros_for_empty_prompt'] = false));
    expect((await runCase(dir, 'sdxl-base_g3_n6'))!.latentsMax).toBeGreaterThan(1e-2);
  });

  it('the scaling factor of its autoencoder', async () => {
    await copyOf('sdxl-lcm-lora', 'sdxl-lcm-lora_g2_n4');
    for (const part of ['vae_encoder', 'vae_decoder']) await rm(join(dir, 'sdxl-lcm-lora', part, 'config.json'));
    const result = await runCase(dir, 'sdxl-lcm-lora_g2_n4');
    expect(result!.latentsMax).toBeLessThan(1e-3);
    expect(result!.pixelsMax).toBeLessThanOrEqual(2);
  });

  it('but not a mean for another number of channels', async () => {
    await copyOf('sdxl-base', 'sdxl-base_g3_n6');
    await configure('sdxl-base/vae_decoder/config.json', (config) => {
      config['latents_mean'] = config['latents_std'] = [1, 2];
    });
    await expect(runCase(dir, 'sdxl-base_g3_n6')).rejects.toThrow(/latents_mean of 2 channels, its latents have 4/);
  });
});

describe('LatentScaling', () => {
  const latents = Float32Array.of(1, 2, 3, 4);

  /** The latents scaled, and unscaled again. */
  async function passed(scaling: LatentScaling, channels: number): Promise<Float32Array[]> {
    const spec = { type: 'float32', shape: ['', channels, '', ''] } as const;
    const extension: Extension = {
      check: () => undefined,
      extend(specs, added) {
        const scaled = scaling.scaled(added, added.input('latents', 'float32', spec.shape));
        added.feed(specs.input('x'), scaling.unscaled(added, scaled));
        added.output({ name: 'scaled', ...spec }, { operator: 'Identity', inputs: [scaled] });
        return [];
      },
    };
    const passing = { name: 'scaling', inputs: [{ name: 'x', ...spec }], passed: 'x', output: { name: 'y', ...spec } };
    const graph = await openPassing(passing, extension, { device: 'cpu', deviceId: 0, threads: 1 });
    const feed = floatTensor(latents, [1, channels, 1, 4 / channels]);
    const results = await graph.run({ latents: feed }, ['scaled', 'y']);
    await graph.dispose();
    return results.map(floatsOf);
  }

  it('shifts before it scales, as diffusers does if there is a shift', async () => {
    const scaling = LatentScaling.of({ scaling_factor: 2, shift_factor: 0.5 }, 1);
    expect(await passed(scaling, 1)).toEqual([Float32Array.of(1, 3, 5, 7), latents]);
  });

  it('takes the mean and deviation of each channel instead', async () => {
    const config = { scaling_factor: 2, shift_factor: 9, latents_mean: [1, -1], latents_std: [0.5, 4] };
    const scaling = LatentScaling.of(config, 1);
    expect(await passed(scaling, 2)).toEqual([Float32Array.of(0, 4, 2, 2.5), latents]);
  });

  it.each([
    [{}, false, 0.18215],
    [{}, true, 0.13025],
    [{ _class_name: 'AutoencoderKL' }, true, 0.18215],
    [{ _class_name: 'AutoencoderTiny' }, true, 1],
  ] as const)('of %j, in a folder with a second text encoder: %s, is %d', async (config, hasSecondEncoder, factor) => {
    const { latentFactor } = layoutOf('turbo', hasSecondEncoder);
    const [scaled] = await passed(LatentScaling.of(config, latentFactor), 1);
    expect(scaled![0]).toBeCloseTo(factor, 7);
  });
});
