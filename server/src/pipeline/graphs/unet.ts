import { ModelError } from '../errors.js';
import { REAL, requireTensor, WHOLE } from './graph-signature.js';
import { notFinite } from './not-finite.js';
import { fixed, type Graph, type TensorSpec, type TensorValue } from './ort.js';
import { floatTensor, integerTensor, rowsOf, toFloats } from './tensor.js';
import type { Size } from './pixels.js';
import type { PromptEmbedding } from '../conditions/prompt-encoder.js';

/** One line of the UNet batch. */
export interface UnetRow {
  /** Noised latents, before `scale`. */
  readonly latents: Float32Array;
  readonly scale: number;
  readonly timestep: number;
  readonly prompt: PromptEmbedding;
  /** The guidance scale's embedding, for graphs that take one. */
  readonly guidance: Float32Array | undefined;
  /** Pixels of the picture, for graphs that are told. */
  readonly size: Size;
}

export interface LatentShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

const INPUTS = ['sample', 'timestep', 'encoder_hidden_states', 'timestep_cond', 'text_embeds', 'time_ids'];
const CLASS_LABELS = 'class_labels';
const TIME_IDS = 6;
const CONDITIONS = [
  ['encoder_hidden_states', REAL, 3],
  ['timestep_cond', REAL, 2],
  ['text_embeds', REAL, 2],
  ['time_ids', REAL, 2],
  [CLASS_LABELS, [...WHOLE, ...REAL], 1],
] as const;

export interface UnetOptions {
  /** `time_cond_proj_dim`, for graphs that leave that dimension free. */
  readonly guidanceWidth: number | undefined;
  /** `num_class_embeds`, for models of pixels that are told a class; other kinds' labels mean other things. */
  readonly classes: number | undefined;
}

/** @throws ModelError when a graph fixes its latents to another size than they will have */
export function requireFixed(
  path: string,
  spec: TensorSpec,
  { shape: { height, width }, factor }: { readonly shape: LatentShape; readonly factor: number },
): void {
  const [high = height, wide = width] = spec.shape.slice(2).map(fixed);
  if (high === height && wide === width) return;
  throw new ModelError(
    `${path} takes ${wide * factor} x ${high * factor} pixels only, not ${width * factor} x ${height * factor}: ` +
      'ask for that size, or export it with free sizes',
  );
}

/** The denoising graph: any number of rows in one call. */
export class Unet {
  /** Latent channels; undefined where the graph does not say. */
  readonly channels: number | undefined;
  /** Whether every row of one call may have a timestep of its own. */
  readonly mixedTimesteps: boolean;
  /** Numbers of the guidance embedding; 0 for a graph that takes none. */
  readonly guidanceWidth: number;
  /** Kinds of pictures that the graph is told by number; undefined for one that is not. */
  readonly classes: number | undefined;
  /** Whether prompts need one vector for the whole text beside the tokens: a model of the SDXL family. */
  readonly takesPooled: boolean;
  readonly #graph: Graph;
  readonly #sample: TensorSpec;
  readonly #timestep: TensorSpec;
  readonly #output: string;
  /** Rows that the graph was exported for; undefined for any number. */
  readonly #fixedRows: number | undefined;
  readonly #buffers = new Map<string, Float32Array>();

  constructor(graph: Graph, { guidanceWidth, classes }: UnetOptions) {
    this.#graph = graph;
    graph.refuseInputsBut(classes === undefined ? INPUTS : [...INPUTS, CLASS_LABELS]);
    this.classes = graph.inputs.has(CLASS_LABELS) ? classes : undefined;
    this.#sample = graph.input('sample');
    this.#timestep = graph.input('timestep');
    this.#output = graph.output('out_sample').name;
    this.#fixedRows = fixed(this.#sample.shape[0]);
    this.channels = fixed(this.#sample.shape[1]);
    // A dimension named otherwise than the batch promises nothing: exporters trace it with a single timestep.
    const [rows] = this.#timestep.shape;
    this.mixedTimesteps = rows !== undefined && rows !== 1 && rows === this.#sample.shape[0];
    const guidance = graph.inputs.get('timestep_cond');
    this.guidanceWidth = guidance ? (fixed(guidance.shape[1]) ?? guidanceWidth ?? 256) : 0;
    this.takesPooled = graph.inputs.has('text_embeds');
    const sizes = fixed(graph.inputs.get('time_ids')?.shape[1]) ?? TIME_IDS;
    if (sizes !== TIME_IDS) throw new ModelError(`${graph.path} is told an aesthetic score: a refiner is not served`);
    this.#requireSignature();
  }

  #requireSignature(): void {
    const { inputs, outputs } = this.#graph;
    const image = { types: REAL, ranks: [4], channels: this.channels };
    requireTensor(this.#graph, this.#sample, image);
    requireTensor(this.#graph, outputs.get(this.#output)!, image);
    requireTensor(this.#graph, this.#timestep, { types: [...REAL, ...WHOLE], ranks: [0, 1] });
    for (const [name, types, rank] of CONDITIONS) {
      const spec = inputs.get(name);
      if (spec) requireTensor(this.#graph, spec, { types, ranks: [rank] });
    }
  }

  /** @throws ModelError when timesteps must be whole numbers */
  requireRealTimesteps(): void {
    if (/^float/.test(this.#timestep.type)) return;
    throw new ModelError(
      `${this.#graph.path} takes timesteps of type ${this.#timestep.type}; a consistency model of pixels has real ones: ` +
        'export it with a float timestep',
    );
  }

  /** Height and width of the latents, where the graph fixes them. */
  get fixedSize(): { height: number; width: number } | undefined {
    const [height, width] = this.#sample.shape.slice(2).map(fixed);
    return height && width ? { height, width } : undefined;
  }

  /** @throws ModelError when the graph was exported for latents of another size */
  requireSize(shape: LatentShape, factor: number): void {
    requireFixed(this.#graph.path, this.#sample, { shape, factor });
  }

  /** Whether the graph reads a prompt. */
  get takesText(): boolean {
    return this.#graph.inputs.has('encoder_hidden_states');
  }

  /** Tokens of every prompt, where the graph fixes them. */
  get promptTokens(): number | undefined {
    return fixed(this.#graph.inputs.get('encoder_hidden_states')?.shape[1]);
  }

  /** Width of the prompt embedding; undefined where the graph does not say or takes none. */
  get promptWidth(): number | undefined {
    return fixed(this.#graph.inputs.get('encoder_hidden_states')?.shape[2]);
  }

  /** Numbers of the whole prompt's vector; undefined where the graph does not say or takes none. */
  get pooledWidth(): number | undefined {
    return fixed(this.#graph.inputs.get('text_embeds')?.shape[1]);
  }

  /** The model's answer for each row, in the shape of its latents. Rows that cannot share a call are run one call after the other. */
  async run(rows: readonly UnetRow[], shape: LatentShape): Promise<Float32Array[]> {
    const outputs: Float32Array[] = new Array(rows.length);
    for (const group of this.#groups(rows)) {
      const answers = await this.#runGroup(
        group.map((index) => rows[index]!),
        shape,
      );
      group.forEach((index, i) => (outputs[index] = answers[i]!));
    }
    return outputs;
  }

  /** What to say of an answer that is not finite. */
  notFinite(): ModelError {
    return notFinite(this.#graph.name, 'unet');
  }

  dispose(): Promise<void> {
    return this.#graph.dispose();
  }

  /** Indices of the rows that go through the graph together. */
  #groups(rows: readonly UnetRow[]): number[][] {
    const groups = new Map<number, number[]>();
    rows.forEach(({ timestep }, index) => {
      const key = this.mixedTimesteps ? 0 : timestep;
      groups.set(key, [...(groups.get(key) ?? []), index]);
    });
    const most = this.#fixedRows ?? rows.length;
    return [...groups.values()].flatMap((group) =>
      Array.from({ length: Math.ceil(group.length / most) }, (_, i) => group.slice(i * most, (i + 1) * most)),
    );
  }

  async #runGroup(rows: readonly UnetRow[], { channels, height, width }: LatentShape): Promise<Float32Array[]> {
    const count = this.#fixedRows ?? rows.length;
    const sample = this.#gather(
      'sample',
      rows.map(({ latents, scale }) => ({ values: latents, scale })),
      count,
    );
    const feeds: Record<string, TensorValue> = {
      sample: floatTensor(this.#sample.type, sample, [count, channels, height, width]),
      timestep: this.#timestepTensor(rows, count),
    };
    this.#addConditions(feeds, rows, count);
    const [answer] = await this.#graph.run(feeds, [this.#output], count);
    if (answer!.data.length !== sample.length) {
      throw new ModelError(
        `${this.#graph.path} gives [${answer!.shape.join(', ')}] for latents of [${feeds.sample!.shape.join(', ')}]: ` +
          'models that answer in another shape are not served',
      );
    }
    return rowsOf(toFloats(answer!), count).slice(0, rows.length);
  }

  /** Fractions are cut off where the graph takes whole numbers, as diffusers' and Optimum's ONNX pipelines cast them. */
  #timestepTensor(rows: readonly UnetRow[], count: number): TensorValue {
    const { type, shape } = this.#timestep;
    const isWhole = !type.startsWith('float');
    const timestepOf = ({ timestep }: UnetRow): number => (isWhole ? Math.trunc(timestep) : timestep);
    if (shape.length === 0) return integerTensor(type, [timestepOf(rows[0]!)], []);
    if (!this.mixedTimesteps) return integerTensor(type, [timestepOf(rows[0]!)], [1]);
    const timesteps = Array.from({ length: count }, (_, i) => timestepOf(rows[i] ?? rows[0]!));
    return integerTensor(type, timesteps, [count]);
  }

  #addConditions(feeds: Record<string, TensorValue>, rows: readonly UnetRow[], count: number): void {
    const [{ prompt }] = rows as readonly [UnetRow];
    const add = (name: string, shape: readonly number[], valuesOf: (row: UnetRow) => Float32Array): void => {
      const spec = this.#graph.inputs.get(name);
      if (!spec) return;
      const parts = rows.map((row) => ({ values: valuesOf(row), scale: 1 }));
      feeds[name] = floatTensor(spec.type, this.#gather(name, parts, count), [count, ...shape]);
    };
    add('encoder_hidden_states', [prompt.tokens, prompt.width], (row) => row.prompt.hidden);
    add('timestep_cond', [this.guidanceWidth], (row) => row.guidance!);
    add('text_embeds', [prompt.pooled?.length ?? 0], (row) => row.prompt.pooled!);
    add('time_ids', [TIME_IDS], ({ size }) => timeIds(size));
    const labels = this.#graph.inputs.get(CLASS_LABELS);
    if (labels) {
      const classes = Array.from({ length: count }, (_, i) => (rows[i] ?? rows[0]!).prompt.classLabel ?? 0);
      feeds[CLASS_LABELS] = integerTensor(labels.type, classes, [count]);
    }
  }

  /** The parts one after the other, in memory that is kept from call to call; a single part as it is. */
  #gather(name: string, parts: readonly Part[], count: number): Float32Array {
    const [first] = parts as readonly [Part];
    if (count === 1 && first.scale === 1) return first.values;
    const size = first.values.length;
    const key = `${name} ${count} ${size}`;
    let buffer = this.#buffers.get(key);
    if (!buffer) this.#buffers.set(key, (buffer = new Float32Array(count * size)));
    for (const [row, { values, scale }] of parts.entries()) {
      if (scale === 1) buffer.set(values, row * size);
      else for (let i = 0, at = row * size; i < size; i++) buffer[at + i] = values[i]! * scale;
    }
    return buffer;
  }
}

/** Size before cropping, corner of the crop, size wanted (Podell et al. 2023, section 2.2): nothing is cropped here. */
function timeIds({ width, height }: Size): Float32Array {
  return Float32Array.of(height, width, 0, 0, height, width);
}

interface Part {
  readonly values: Float32Array;
  readonly scale: number;
}
