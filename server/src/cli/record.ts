import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { MODEL_OPTIONS } from '../config/model-options.js';
import { findModel } from '../config/models-folder.js';
import { text, toggle, whole } from '../config/option.js';
import { UsageError } from '../errors.js';
import { loadPipeline, type Pipeline } from '../pipeline/pipeline.js';
import { openExtended } from '../pipeline/graphs/extended-graph.js';
import type { Graph, TensorValue } from '../pipeline/graphs/ort.js';
import type { OpenExtended } from '../pipeline/graphs/vae-codec.js';
import { defineCommand } from './command.js';
import { decodeSketch, readSketch } from './infer/files.js';
import { npyOf } from './parity/npy.js';

const { model, vae, size, dtype, threads } = MODEL_OPTIONS;

/** `underpaint record`: the inputs of a model's graphs in use, for tools that quantise them. */
export const record = defineCommand({
  name: 'record',
  argument: 'PICTURES',
  about: `Paints the pictures of a folder and writes what goes into each graph, as arrays of numpy: OUT/unet/0001.sample.npy
and so on, and the pictures as OUT/pictures/0001.npy. models/export calibrates int8 graphs with them.`,
  options: {
    model,
    vae,
    size,
    dtype: { ...dtype, help: `${dtype.help.split(';')[0]!}; auto takes the plain graphs` },
    threads,
    out: text({ value: 'DIR', help: 'folder to write to', default: 'recorded' }),
    count: whole({ help: 'most pictures to paint', min: 1, max: 10_000, default: 48 }),
    skip: whole({ help: 'pictures to leave out at the beginning', min: 0, max: 1_000_000, default: 0 }),
    vary: toggle({ help: 'paint with various strengths instead of the usual one', default: false }),
    onlyPictures: toggle({ help: 'write the pictures, not the inputs of the graphs', default: false }),
  },
  async run(values, { env, print }, pictures) {
    const { out, count, skip } = values;
    const sketches = (await sketchesIn(pictures)).slice(skip, skip + count);
    const recorder = new Recorder(out);
    const { onlyPictures, threads } = values;
    const open: OpenExtended = async (path, extension) => {
      const graph = await openExtended(path, extension, {
        device: 'cpu',
        deviceId: 0,
        threads,
        revealed: !onlyPictures,
      });
      return onlyPictures ? graph : recorder.watch(graph);
    };
    const vaeDir = values.vae === '' ? undefined : findModel(values.vae, env);
    const dtype = values.dtype === 'auto' ? undefined : values.dtype;
    const pipeline = await loadPipeline(findModel(values.model, env), { vaeDir, size: values.size, dtype, open });
    try {
      await recorder.begin();
      for (const [i, sketch] of sketches.entries()) {
        await recorder.picture(pipeline, sketch, values.vary ? STRENGTHS[i % STRENGTHS.length] : undefined);
      }
    } finally {
      await pipeline.dispose();
    }
    print(`${sketches.length} pictures recorded in ${out}`);
    return 0;
  },
});

interface Sketch {
  readonly path: string;
  readonly prompt: string | undefined;
}

/** Values are of other ranges at other strengths; undefined is the model's own. */
const STRENGTHS = [undefined, 0.3, undefined, 0.6, undefined, 1];

/** The pictures of a folder by name, with their prompts if it has a prompts.json. */
async function sketchesIn(folder: string): Promise<Sketch[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new UsageError(`${folder} cannot be read: name a folder of pictures`, { cause });
  });
  const pictures = names.filter((name) => /\.(jpe?g|png|webp)$/i.test(name)).sort();
  if (pictures.length === 0) throw new UsageError(`${folder} has no pictures (.png, .jpg or .webp)`);
  const prompts = await promptsIn(folder);
  return pictures.map((name, i) => ({ path: join(folder, name), prompt: prompts[i] }));
}

async function promptsIn(folder: string): Promise<string[]> {
  const file = join(folder, 'prompts.json');
  const written = await readFile(file, 'utf8').catch(() => '[]');
  try {
    const prompts = JSON.parse(written) as unknown;
    if (Array.isArray(prompts) && prompts.every((prompt) => typeof prompt === 'string')) return prompts;
  } catch {
    // The same remedy.
  }
  throw new UsageError(`${file} must be a list of texts, one for each picture`);
}

class Recorder {
  readonly #out: string;
  readonly #calls = new Map<string, number>();
  #isRecording = false;
  #pictures = 0;

  constructor(out: string) {
    this.#out = out;
  }

  /** Earlier calls, which only check that the graphs fit, are not recorded. */
  async begin(): Promise<void> {
    await mkdir(join(this.#out, 'pictures'), { recursive: true });
    this.#isRecording = true;
  }

  /** The same graph, whose inputs are written. */
  watch(graph: Graph): Graph {
    const run = graph.run.bind(graph);
    // The graph's own inputs: those that added nodes feed are outputs too.
    const own = [...graph.inputs.keys()];
    const revealed = own.filter((name) => graph.outputs.has(name));
    graph.run = async (feeds, outputs) => {
      if (!this.#isRecording) return run(feeds, outputs);
      const results = await run(feeds, [...outputs, ...revealed]);
      const fed = Object.entries(feeds).flatMap(([name, feed]) =>
        own.includes(name) && !revealed.includes(name) && 'data' in feed ? [[name, feed] as const] : [],
      );
      const made = revealed.map((name, i) => [name, results[outputs.length + i]!] as const);
      await this.#write(basename(dirname(graph.path)), Object.fromEntries([...fed, ...made]));
      return results.slice(0, outputs.length);
    };
    return graph;
  }

  async picture(pipeline: Pipeline, { path, prompt }: Sketch, strength: number | undefined): Promise<void> {
    const { info } = pipeline;
    const { width, height, defaults, prompts } = info;
    const seed = this.#pictures++;
    const { pixels } = await pipeline.img2img({
      picture: await decodeSketch(await readSketch(path), info),
      prompt: prompt ?? prompts[seed % prompts.length] ?? defaults.prompt ?? '',
      negativePrompt: '',
      steps: defaults.steps ?? 4,
      strength: strength ?? defaults.strength ?? 0.6,
      guidance: defaults.guidance ?? 1,
      control: defaults.control,
      seed,
    });
    await writeFile(join(this.#out, 'pictures', `${numbered(seed)}.npy`), npyOf('uint8', [height, width, 3], pixels));
  }

  async #write(name: string, feeds: Readonly<Record<string, TensorValue>>): Promise<void> {
    const call = this.#calls.get(name) ?? 0;
    this.#calls.set(name, call + 1);
    await mkdir(join(this.#out, name), { recursive: true });
    for (const [input, { type, shape, data }] of Object.entries(feeds)) {
      await writeFile(join(this.#out, name, `${numbered(call)}.${input}.npy`), npyOf(type, shape, data));
    }
  }
}

function numbered(i: number): string {
  return String(i).padStart(4, '0');
}
