import { ModelError } from '../errors.js';
import { DeviceRow, latentsInMemory, type Gathered, type Latents } from './device-rows.js';
import { fixed, type TensorSpec } from './graph-specs.js';
import { requireFixed, type LatentShape } from './latent-shape.js';
import { notFinite } from './not-finite.js';
import type { DeviceTensor, Graph, TensorValue } from './ort.js';
import { RowStack, type RowInputs } from './row-stack.js';
import {
  answerRow,
  FACTORS,
  hasMixedTimesteps,
  timestepOf,
  unguidedAnswer,
  type UnguidedAnswer,
} from './step-graph.js';
import { StepRunner, type OnDevice } from './step-runner.js';
import { finiteRows, floatTensor, integerTensor } from './tensor.js';

/** One sample in one step. */
export interface StepSample {
  /** Noised latents, before any factor. They are used up if they are on the device. */
  readonly latents: Latents;
  /** Its row of `factors`. */
  readonly factors: Float32Array;
  /** Standard normal; undefined where the step adds none. */
  readonly noise: Float32Array | undefined;
  /** The conditions by the names of the UNet's inputs: of one row, or of a second one that guides. */
  readonly rows: readonly RowInputs[];
  /** Whether the estimate of the clean latents is wanted. */
  readonly isEstimated: boolean;
  /** Whether it is the last step of the sample, whose result is its picture. */
  readonly isLast: boolean;
}

/** A sample after one step. */
export interface Stepped {
  /** Latents for the next step, which may stay on the device; after the last one, the picture, which does not. */
  readonly next: Latents;
  /** The estimate of the clean latents; undefined if no sample of the call asked for it. */
  readonly denoised: Float32Array | undefined;
  readonly isFinite: boolean;
}

/** Inputs that are not conditions. */
export const BASIC_INPUTS = ['sample', 'timestep'] as const;

/** For the inputs that a call does without: one number for all. */
const NOTHING = floatTensor(new Float32Array(1), [1, 1, 1, 1]);

/** The denoising graph: any number of samples in one call, each moved on by one step. */
export class Unet {
  /** Latent channels; undefined if the graph does not say. */
  readonly channels: number | undefined;
  /** Whether every row of one call may have a timestep of its own. */
  readonly mixedTimesteps: boolean;
  readonly #graph: Graph;
  readonly #sample: TensorSpec;
  readonly #unguided: UnguidedAnswer;
  readonly #runner: StepRunner;
  readonly #stack = new RowStack();

  /**
   * @param graph opened with `stepExtension`
   * @param isGuidedByRows as the extension was told
   * @param onDevice for a graph that holds outputs on the device
   */
  constructor(graph: Graph, isGuidedByRows: boolean, onDevice?: OnDevice) {
    this.#graph = graph;
    this.#runner = new StepRunner(graph, onDevice);
    this.#sample = graph.input('sample');
    this.channels = fixed(this.#sample.shape[1]);
    this.mixedTimesteps = hasMixedTimesteps(graph.input('timestep'), this.#sample);
    this.#unguided = unguidedAnswer(this.#sample, isGuidedByRows);
  }

  get path(): string {
    return this.#graph.path;
  }

  get inputs(): ReadonlyMap<string, TensorSpec> {
    return this.#graph.inputs;
  }

  /** @throws ModelError when timesteps must be whole numbers */
  requireRealTimesteps(): void {
    const { type } = this.#graph.input('timestep');
    if (/^float/.test(type)) return;
    throw new ModelError(
      `${this.#graph.path} takes timesteps of type ${type}; a consistency model of pixels has real ones: ` +
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

  /** Moves each sample on by one step. Those that cannot share a call run in several. */
  async step(samples: readonly StepSample[], shape: LatentShape): Promise<Stepped[]> {
    const stepped: Stepped[] = new Array(samples.length);
    for (const group of this.#groups(samples)) {
      const members = group.map((index) => samples[index]!);
      const results = await this.#stepGroup(members, shape);
      group.forEach((index, i) => (stepped[index] = results[i]!));
    }
    return stepped;
  }

  /** The error for an answer that is not finite. */
  notFinite(): ModelError {
    return notFinite(this.#graph.name, 'unet');
  }

  async dispose(): Promise<void> {
    await this.#graph.dispose();
    await this.#runner.dispose();
  }

  /** Indices of the samples that share a call. */
  #groups(samples: readonly StepSample[]): number[][] {
    const most = fixed(this.#sample.shape[0]) ?? Infinity;
    const groups = new Map<number, { indices: number[]; rows: number }[]>();
    samples.forEach(({ factors, rows }, index) => {
      const timestep = this.mixedTimesteps ? 0 : timestepOf(factors);
      const calls = groups.get(timestep) ?? [];
      groups.set(timestep, calls);
      const last = calls.at(-1);
      if (!last || last.rows + rows.length > most) return void calls.push({ indices: [index], rows: rows.length });
      last.indices.push(index);
      last.rows += rows.length;
    });
    return [...groups.values()].flatMap((calls) => calls.map(({ indices }) => indices));
  }

  async #stepGroup(samples: readonly StepSample[], shape: LatentShape): Promise<Stepped[]> {
    const [first] = samples;
    const isApart = this.#unguided === 'call' && first!.rows.length > 1;
    const unconditioned = isApart ? await this.#unconditioned(first!, shape) : undefined;
    const latents = await this.#gather(samples, shape);
    const { next, denoised, means, answered } = await this.#runner.run(
      await this.#feeds(samples, { shape, latents: latents.value, unconditioned }),
      samples,
    );
    latents.free();
    for (const { latents: used } of samples) if (used instanceof DeviceRow) used.release();
    this.#requireAnswer(answered, [this.#count(samples), shape.channels, shape.height, shape.width]);
    const isFinite = finiteRows(means);
    return samples.map((_, i) => ({ next: next[i]!, denoised: denoised[i], isFinite: isFinite[i]! }));
  }

  /** The latents of a call, in one tensor. */
  #gather(samples: readonly StepSample[], { channels, height, width }: LatentShape): Promise<Gathered> {
    const count = this.#sampleCount(samples);
    const latents = samples.map((sample) => sample.latents);
    const stack = (rows: readonly Float32Array[], of = rows.length): TensorValue =>
      this.#stack.stack(
        'latents',
        rows.map((row) => floatTensor(row, [channels, height, width])),
        of,
      );
    return this.#runner.gather(latents, stack, count);
  }

  /** The answer to a guided sample's second row, by a graph that takes one row. */
  async #unconditioned({ latents, factors, rows }: StepSample, shape: LatentShape): Promise<Float32Array> {
    const plain = { noise: undefined, rows: rows.slice(1), isEstimated: false, isLast: true };
    const second = { latents, factors: answerRow(factors), ...plain };
    const gathered = await this.#gather([second], shape);
    const feeds = await this.#feeds([second], { shape, latents: gathered.value });
    const { next } = await this.#runner.run(feeds, [second]);
    gathered.free();
    return latentsInMemory(next[0]!);
  }

  async #feeds(samples: readonly StepSample[], call: StepCall): Promise<Record<string, TensorValue | DeviceTensor>> {
    const { latents, unconditioned } = call;
    const { channels, height, width } = call.shape;
    const shape = [channels, height, width];
    const rows = this.#rowsOf(samples);
    const isShared = this.#unguided === 'row';
    const [count, sampleCount] = [this.#count(samples), this.#sampleCount(samples)];
    const stack = (name: string, data: readonly Float32Array[], of: readonly number[]): TensorValue =>
      this.#stack.stack(
        name,
        data.map((values) => floatTensor(values, of)),
        sampleCount,
      );
    const feeds: Record<string, TensorValue | DeviceTensor> = {
      latents,
      factors: stack(
        'factors',
        samples.map(({ factors }) => factors),
        [FACTORS],
      ),
      noise: samples.some(({ noise }) => noise)
        ? stack('noise', noisesOf(samples, channels * height * width), shape)
        : NOTHING,
      previous: NOTHING,
      mask: NOTHING,
      ...(isShared && indicesOf(rows, { count, sampleCount })),
      ...(this.#unguided === 'call' && {
        unconditioned: unconditioned ? floatTensor(unconditioned, [1, ...shape]) : NOTHING,
      }),
    };
    for (const name of Object.keys(rows[0]!.inputs)) {
      const of = rows.map(({ inputs }) => inputs[name]!);
      const stack = (): TensorValue => this.#stack.stack(name, of, count);
      feeds[name] = await this.#runner.condition({ name, rows: of, count, stack });
    }
    return feeds;
  }

  /** The rows of a call: the conditioned one of each sample, then the second ones of those that have one. */
  #rowsOf(samples: readonly StepSample[]): UnetRow[] {
    const first = samples.map(({ rows }, sample) => ({ sample, inputs: rows[0]! }));
    if (this.#unguided !== 'row') return first;
    return [...first, ...samples.flatMap(({ rows }, sample) => rows.slice(1).map((inputs) => ({ sample, inputs })))];
  }

  /** Rows of the UNet in the call of these samples. */
  #count(samples: readonly StepSample[]): number {
    return this.#graph.rowsOf(this.#rowsOf(samples).length, this.#sample);
  }

  /** Samples in the call of these, with those that only fill it. */
  #sampleCount(samples: readonly StepSample[]): number {
    return this.#unguided === 'row' ? this.#graph.rowsOf(samples.length) : this.#count(samples);
  }

  #requireAnswer({ data }: TensorValue, latents: readonly number[]): void {
    const answer = Array.from(data as BigInt64Array, Number);
    if (String(answer) === String(latents)) return;
    throw new ModelError(
      `${this.#graph.path} gives [${answer.join(', ')}] for latents of [${latents.join(', ')}]: ` +
        'models that answer in another shape are not served',
    );
  }
}

interface UnetRow {
  /** The sample that it is of, by its number. */
  readonly sample: number;
  readonly inputs: RowInputs;
}

function noisesOf(samples: readonly StepSample[], length: number): Float32Array[] {
  return samples.map(({ noise }) => noise ?? new Float32Array(length));
}

interface StepCall {
  readonly shape: LatentShape;
  readonly latents: TensorValue | DeviceTensor;
  /** The unconditioned answer, where it comes from a call of its own. */
  readonly unconditioned?: Float32Array | undefined;
}

interface Counts {
  /** Rows and samples of the call, with those that only fill it. */
  readonly count: number;
  readonly sampleCount: number;
}

/** Which sample each row is of, and which rows answer for each sample. */
function indicesOf(rows: readonly UnetRow[], { count, sampleCount }: Counts): Record<string, TensorValue> {
  const [ofRows, first, second] = [
    new Array<number>(count).fill(0),
    ...[0, 1].map(() => new Array<number>(sampleCount).fill(0)),
  ];
  rows.forEach(({ sample }, row) => {
    ofRows![row] = sample;
    second![sample] = row;
    if (row === sample) first![sample] = row;
  });
  return {
    rows: integerTensor('int64', ofRows!, [count]),
    conditioned: integerTensor('int64', first!, [sampleCount]),
    unconditioned: integerTensor('int64', second!, [sampleCount]),
  };
}
