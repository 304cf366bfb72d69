import { readFile, writeFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { parseArgs } from 'node:util';
import { DEFAULTS } from '../config/config.js';
import { FrameError, UsageError } from '../errors.js';
import { optimisedDirOf } from '../inference/cache-folder.js';
import { availableCores } from '../inference/host/cores.js';
import { BEST_FIRST, parseDevice } from '../inference/device-name.js';
import { whyNoGraphics } from '../inference/host/graphics-hardware.js';
import { decodeImage, encodeJpeg, encodePng, type EncodeOptions } from '../inference/worker/image.js';
import { findModel } from '../config/models-folder.js';
import { parseSize } from '../config/picture-size.js';
import { ModelError } from '../pipeline/errors.js';
import { loadPipeline, type ImageRequest, type LcmPipeline, type PipelineOptions } from '../pipeline/pipeline.js';
import type { NoiseSource } from '../pipeline/random.js';
import { SAMPLERS, type Sampler } from '../pipeline/schedulers/sampler.js';
import type { Command } from './command.js';
import { readNpy } from './parity/npy.js';

const HELP = `Usage: underpaint infer [options]

Turns a sketch and a prompt into a picture; without --input the prompt alone.

  --input FILE                a JPEG, PNG or WebP picture
  --prompt TEXT               what to paint; the number of its class where a model has classes and takes no words
  --negative-prompt TEXT      what to avoid, for models that are guided by a second row
  --output FILE               where the picture goes: a JPEG, or a PNG where the name ends so (default: out.jpg)
  --steps N                   1 to 50 (default: the model's own)
  --strength N                0 to 1, how much of the sketch is painted over (default: the model's own)
  --guidance N                0 to 30, how hard the prompt pulls (default: the model's own)
  --sampler NAME              onestep, multistep, alternate or ddim: another way through the steps than the model's own
  --seed N                    the same seed gives the same picture (default: 1)
  --noise FILE                noise in place of the seed's: an .npy file, float32 [steps, channels, height, width] of latents
  --quality N                 of the JPEG, 1 to 100 (default: 90)
  --model DIR                 folder of the model, or OWNER/NAME of a pulled one (default: the embedded one)
  --size PIXELS               one number, or WIDTHxHEIGHT (default: the model's own)
  --vae DIR                   folder with another autoencoder for it, or OWNER/NAME
  --no-safety-checker         do not judge the picture by the model's own safety checker
  --device NAME               auto, cpu, cuda or webgpu (default: cpu)
  --threads N                 threads of one model call; 0 is one for each core
  --json                      prints one JSON object and nothing else
  --help                      this text`;

const OPTIONS = {
  input: { type: 'string' },
  prompt: { type: 'string', default: '' },
  'negative-prompt': { type: 'string', default: '' },
  output: { type: 'string', default: 'out.jpg' },
  steps: { type: 'string' },
  strength: { type: 'string' },
  guidance: { type: 'string' },
  sampler: { type: 'string' },
  seed: { type: 'string', default: '1' },
  noise: { type: 'string' },
  quality: { type: 'string', default: '90' },
  model: { type: 'string', default: DEFAULTS.model },
  size: { type: 'string' },
  vae: { type: 'string' },
  'no-safety-checker': { type: 'boolean', default: false },
  device: { type: 'string', default: 'cpu' },
  threads: { type: 'string', default: '0' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** A picture may be larger than what a client sends live: it is scaled to the model's size anyway. */
const MAX_INPUT_PIXELS = 64 * 1024 * 1024;
const MAX_PROMPT_LENGTH = 10_000;

/** `underpaint infer`: one picture, then done. */
export const infer: Command = async (argv, { env, print, warn }) => {
  const flags = readFlags(argv);
  if (flags.help) {
    print(HELP);
    return 0;
  }
  const numbers = readNumbers(flags);
  const sketch = flags.input === undefined ? null : await readInput(flags.input);
  const noise = await optional(flags.noise, readNoise);
  const sampler = optional(flags.sampler, readSampler);
  const vaeDir = optional(flags.vae, (text) => findModel(text, env));
  const threads = numbers.threads || availableCores();
  const modelDir = findModel(flags.model, env);
  const pipeline = await loadOn(flags.device, modelDir, {
    vaeDir,
    size: optional(flags.size, (text) => parseSize(text, '--size')),
    safetyChecker: !flags['no-safety-checker'],
    threads,
    sampler,
    optimisedDir: optimisedDirOf(modelDir, env),
  });
  try {
    const { width, height, defaults, id } = pipeline.info;
    const request = {
      picture: sketch && (await decodeInput(sketch, pipeline)),
      prompt: flags.prompt,
      negativePrompt: flags['negative-prompt'],
      steps: numbers.steps ?? defaults.steps ?? 4,
      strength: numbers.strength ?? defaults.strength ?? 0.6,
      guidance: numbers.guidance ?? defaults.guidance ?? 1,
      seed: numbers.seed,
      noise,
    } satisfies ImageRequest;
    if (request.negativePrompt !== '') tellUnused(pipeline, request.guidance, warn);
    const { pixels, steps, flagged, timing } = await pipeline.img2img(request);
    const options = { width, height, quality: numbers.quality, blurred: flagged };
    await writeOutput(flags.output, await encoded(flags.output, pixels, options));
    const summary = {
      model: id,
      device: pipeline.info.device,
      width,
      height,
      steps,
      seed: request.seed,
      flagged,
      timing: rounded(timing),
    };
    print(
      flags.json
        ? JSON.stringify(summary)
        : `${flags.output}: ${width} x ${height}, ${steps} steps, ${timing.totalMs.toFixed(0)} ms` +
            (flagged ? ', blurred: the safety checker flagged it' : ''),
    );
    return 0;
  } finally {
    await pipeline.dispose();
  }
};

/** Says where a negative prompt changes nothing: only a second row can lead away from it. */
function tellUnused(pipeline: LcmPipeline, guidance: number, warn: (line: string) => void): void {
  if (pipeline.info.guidance !== 'rows') warn('the negative prompt is not used: this model has none');
  else if (pipeline.rowsPerFrame(guidance) < 2) {
    warn(`the negative prompt is not used at guidance ${guidance}: give --guidance above 1`);
  }
}

/** `auto` takes the first device that really starts. */
async function loadOn(device: string, modelDir: string, options: PipelineOptions): Promise<LcmPipeline> {
  const load = (name: string) => loadPipeline(modelDir, { ...options, ...parseDevice(name) });
  if (device !== 'auto') return load(device);
  for (const name of BEST_FIRST) {
    if (name === 'webgpu' && whyNoGraphics(platform())) continue;
    try {
      return await load(name);
    } catch (error) {
      // What is wrong with the model itself, the processor says too.
      if (!(error instanceof ModelError)) throw error;
    }
  }
  return load('cpu');
}

function readFlags(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, strict: true }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}. See underpaint infer --help`, { cause: error });
  }
}

function readNumbers(flags: ReturnType<typeof readFlags>) {
  if (flags.prompt.length > MAX_PROMPT_LENGTH || flags['negative-prompt'].length > MAX_PROMPT_LENGTH) {
    throw new UsageError(`a prompt may have ${MAX_PROMPT_LENGTH} characters at the most`);
  }
  return {
    steps: optional(flags.steps, (text) => parseNumber('--steps', text, { min: 1, max: 50, whole: true })),
    strength: optional(flags.strength, (text) => parseNumber('--strength', text, { min: 0, max: 1 })),
    guidance: optional(flags.guidance, (text) => parseNumber('--guidance', text, { min: 0, max: 30 })),
    seed: parseNumber('--seed', flags.seed, { min: 0, max: 0xffffffff, whole: true }),
    quality: parseNumber('--quality', flags.quality, { min: 1, max: 100, whole: true }),
    threads: parseNumber('--threads', flags.threads, { min: 0, max: 256, whole: true }),
  };
}

function readSampler(name: string): Sampler {
  const known = SAMPLERS.find((sampler) => sampler === name);
  if (known) return known;
  throw new UsageError(`--sampler must be one of ${SAMPLERS.join(', ')}, not "${name}"`);
}

/** @throws ModelError when it is no such file, or holds less than a step asks for */
async function readNoise(path: string): Promise<NoiseSource> {
  const { shape, data } = await readNpy(path);
  if (!(data instanceof Float32Array)) throw new UsageError(`--noise ${path} must hold float32 numbers`);
  const size = data.length / (shape[0] || 1);
  return (index) => {
    const tensor = data.subarray(index * size, (index + 1) * size);
    if (tensor.length === size) return tensor;
    throw new UsageError(`--noise ${path} holds ${shape[0]} tensors; step ${index} needs one more`);
  };
}

function encoded(path: string, pixels: Uint8Array, options: EncodeOptions): Promise<Uint8Array> {
  return path.toLowerCase().endsWith('.png') ? encodePng(pixels, options) : encodeJpeg(pixels, options);
}

function optional<T>(text: string | undefined, parse: (text: string) => T): T | undefined {
  return text === undefined ? undefined : parse(text);
}

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
}

function parseNumber(flag: string, text: string, { min, max, whole = false }: Bounds): number {
  const value = text.trim() === '' ? NaN : Number(text);
  const isRight = value >= min && value <= max && (!whole || Number.isInteger(value));
  if (isRight) return value;
  throw new UsageError(`${flag} must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}, not "${text}"`);
}

async function readInput(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new UsageError(`--input ${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

async function decodeInput(bytes: Uint8Array, { info: { width, height } }: LcmPipeline): Promise<Uint8Array> {
  try {
    return await decodeImage(bytes, { width, height, maxPixels: MAX_INPUT_PIXELS });
  } catch (error) {
    if (error instanceof FrameError) throw new UsageError(`--input: ${error.message}`, { cause: error });
    throw error;
  }
}

async function writeOutput(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(path, bytes);
  } catch (cause) {
    throw new UsageError(`--output ${path} cannot be written: ${(cause as Error).message}`, { cause });
  }
}

function rounded<T extends object>(timing: T): Record<string, number> {
  return Object.fromEntries(Object.entries(timing).map(([name, ms]) => [name, Math.round(Number(ms) * 100) / 100]));
}
