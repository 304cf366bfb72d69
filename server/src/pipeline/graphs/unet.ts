import { ModelError } from '../errors.js';
import { REAL, requireTensor, WHOLE } from './graph-signature.js';
import { requireFixed, type LatentShape } from './latent-shape.js';
import { notFinite } from './not-finite.js';
import { fixed, type Graph, type TensorSpec, type TensorValue } from './ort.js';
import { RowStack, type RowInputs } from './row-stack.js';
import { floatTensor, integerTensor, rowsOf, toFloats } from './tensor.js';

/** One row of the UNet batch. */
export interface UnetRow {
  /** Noised latents, before `scale`. */
  readonly latents: Float32Array;
  readonly scale: number;
  readonly timestep: number;
  /** The conditions, by the names of the UNet's inputs. */
  readonly inputs: RowInputs;
}

/** Inputs that are not conditions. */
export const BASIC_INPUTS = ['sample', 'timestep'] as const;

/** The denoising graph: any number of rows in one call. */
export class Unet {
  /** Latent channels; undefined if the graph does not say. */
  readonly channels: number | undefined;
  /** Whether every row of one call may have a timestep of its own. */
  readonly mixedTimesteps: boolean;
  readonly #graph: Graph;
  readonly #sample: TensorSpec;
  readonly #timestep: TensorSpec;
  readonly #output: string;
  /** Rows that the graph was exported for; undefined for any number. */
  readonly #fixedRows: number | undefined;
  readonly #stack = new RowStack();

  /** @throws ModelError when the graph is not a UNet */
  constructor(graph: Graph) {
    this.#graph = graph;
    this.#sample = graph.input('sample');
    this.#timestep = graph.input('timestep');
    this.#output = graph.output('out_sample').name;
    this.#fixedRows = fixed(this.#sample.shape[0]);
    this.channels = fixed(this.#sample.shape[1]);
    // A dimension with another name than the batch promises nothing: exporters trace it with a single timestep.
    const [rows] = this.#timestep.shape;
    this.mixedTimesteps = rows !== undefined && rows !== 1 && rows === this.#sample.shape[0];
    this.#requireSignature();
  }

  #requireSignature(): void {
    const { path, outputs } = this.#graph;
    const latents = { types: REAL, ranks: [4], channels: this.channels };
    requireTensor(path, this.#sample, latents);
    requireTensor(path, outputs.get(this.#output)!, latents);
    requireTensor(path, this.#timestep, { types: [...REAL, ...WHOLE], ranks: [0, 1] });
  }

  get path(): string {
    return this.#graph.path;
  }

  get inputs(): ReadonlyMap<string, TensorSpec> {
    return this.#graph.inputs;
  }

  /** @throws ModelError when timesteps must be whole numbers */
  requireRealTimesteps(): void {
    if (/^float/.test(this.#timestep.type)) return;
    throw new ModelError(
      `${this.#graph.path} takes timesteps of type ${this.#timestep.type}; a consistency model of pixels has real ones: ` +
        'export it with a float timestep',
    );
  }

  /** Height and width of the latents, if the graph fixes them. */
  get fixedSize(): { height: number; width: number } | undefined {
    const [height, width] = this.#sample.shape.slice(2).map(fixed);
    return height && width ? { height, width } : undefined;
  }

  /** @throws ModelError when the graph was exported for latents of another size */
  requireSize(shape: LatentShape, factor: number): void {
    requireFixed(this.#graph.path, this.#sample, { shape, factor });
  }

  /** The model's answer for each row, in the shape of its latents. Rows that cannot share a call run in several. */
  async run(rows: readonly UnetRow[], shape: LatentShape): Promise<Float32Array[]> {
    const outputs: Float32Array[] = new Array(rows.length);
    for (const group of this.#groups(rows)) {
      const members = group.map((index) => rows[index]!);
      const answers = await this.#runGroup(members, shape);
      group.forEach((index, i) => (outputs[index] = answers[i]!));
    }
    return outputs;
  }

  /** The error for an answer that is not finite. */
  notFinite(): ModelError {
    return notFinite(this.#graph.name, 'unet');
  }

  dispose(): Promise<void> {
    return this.#graph.dispose();
  }

  /** Indices of the rows that share a call. */
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

  async #runGroup(rows: readonly UnetRow[], shape: LatentShape): Promise<Float32Array[]> {
    const count = this.#fixedRows ?? rows.length;
    const feeds: Record<string, TensorValue> = {
      sample: this.#sampleTensor(rows, count, shape),
      timestep: this.#timestepTensor(rows, count),
    };
    for (const name of Object.keys(rows[0]!.inputs)) {
      const values = rows.map(({ inputs }) => inputs[name]!);
      feeds[name] = this.#stack.stack(name, values, count);
    }
    const [answer] = await this.#graph.run(feeds, [this.#output], count);
    if (answer!.data.length === feeds.sample!.data.length)
      return rowsOf(toFloats(answer!), count).slice(0, rows.length);
    throw new ModelError(
      `${this.#graph.path} gives [${answer!.shape.join(', ')}] for latents of [${feeds.sample!.shape.join(', ')}]: ` +
        'models that answer in another shape are not served',
    );
  }

  #sampleTensor(rows: readonly UnetRow[], count: number, { channels, height, width }: LatentShape): TensorValue {
    const shape = [channels, height, width];
    const values = rows.map(({ latents, scale }) =>
      floatTensor('float32', scale === 1 ? latents : latents.map((value) => value * scale), shape),
    );
    const { data, shape: stacked } = this.#stack.stack('sample', values, count);
    return floatTensor(this.#sample.type, data as Float32Array, stacked);
  }

  /** Fractions are cut off if the graph takes whole numbers, as diffusers' and Optimum's ONNX pipelines cast them. */
  #timestepTensor(rows: readonly UnetRow[], count: number): TensorValue {
    const { type, shape } = this.#timestep;
    const isWhole = !type.startsWith('float');
    const timestepOf = ({ timestep }: UnetRow): number => (isWhole ? Math.trunc(timestep) : timestep);
    if (shape.length === 0) return integerTensor(type, [timestepOf(rows[0]!)], []);
    if (!this.mixedTimesteps) return integerTensor(type, [timestepOf(rows[0]!)], [1]);
    const timesteps = Array.from({ length: count }, (_, i) => timestepOf(rows[i] ?? rows[0]!));
    return integerTensor(type, timesteps, [count]);
  }
}
