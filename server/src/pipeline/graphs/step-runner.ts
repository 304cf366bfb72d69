import { DeviceConditions, type StackedRows } from './device-conditions.js';
import { DeviceRows, rowsOnDevice, type Gathered, type Latents } from './device-rows.js';
import type { DeviceTensor, Feeds, Graph, GraphOptions, TensorValue } from './ort.js';
import { rowsOf } from './tensor.js';

/** The results of a step that are read. */
interface Wanted {
  readonly isEstimated: boolean;
  readonly isLast: boolean;
}

/** Results by the numbers of the samples. */
export interface StepResult {
  readonly next: readonly Latents[];
  readonly denoised: readonly (Float32Array | undefined)[];
  readonly means: TensorValue;
  readonly answered: TensorValue;
}

/** What stays on a device with memory of its own, from call to call. */
export interface OnDevice {
  readonly rows: DeviceRows;
  readonly conditions: DeviceConditions;
}

/** @returns undefined for a graph that holds no outputs on the device */
export async function openOnDevice({ isHolding }: Graph, options: GraphOptions): Promise<OnDevice | undefined> {
  if (!isHolding) return undefined;
  return { rows: await DeviceRows.open(options), conditions: await DeviceConditions.open(options) };
}

/** Runs a step graph and fetches no more than is wanted. */
export class StepRunner {
  readonly #graph: Graph;
  readonly #onDevice: OnDevice | undefined;

  /** @param onDevice for a graph that holds outputs on the device */
  constructor(graph: Graph, onDevice: OnDevice | undefined) {
    this.#graph = graph;
    this.#onDevice = onDevice;
  }

  /**
   * The latents of a call, in one tensor.
   *
   * @param stack stacks latents that are not on the device, to so many rows
   */
  async gather(
    latents: readonly Latents[],
    stack: (rows: readonly Float32Array[], count?: number) => TensorValue,
    count: number,
  ): Promise<Gathered> {
    const loose = latents.filter((one) => one instanceof Float32Array);
    if (loose.length === latents.length) return { value: stack(loose, count), free: () => undefined };
    return this.#onDevice!.rows.gather(latents, stack, count);
  }

  /** A condition of a call, in one tensor. */
  async condition(rows: StackedRows): Promise<TensorValue | DeviceTensor> {
    return this.#onDevice ? this.#onDevice.conditions.hold(rows) : rows.stack();
  }

  async run(feeds: Feeds, samples: readonly Wanted[]): Promise<StepResult> {
    if (this.#graph.isHolding) return this.#runHolding(feeds, samples);
    const estimate = samples.some(({ isEstimated }) => isEstimated) ? ['denoised'] : [];
    const outputs = ['next', 'means', 'answered', ...estimate];
    const [next, means, answered, denoised] = await this.#graph.run(feeds, outputs);
    return { next: rowsOf(next!), denoised: denoised ? rowsOf(denoised) : [], means: means!, answered: answered! };
  }

  /** Only pictures and estimates are read; the rest stays on the device. */
  async #runHolding(feeds: Feeds, samples: readonly Wanted[]): Promise<StepResult> {
    const indices = [...samples.keys()];
    const staying = indices.filter((i) => !samples[i]!.isLast);
    const { rows } = this.#onDevice!;
    const { values, held } = await this.#graph.runHolding(feeds, ['means', 'answered'], ['next', 'denoised']);
    const [[means, answered], [next, denoised]] = [values, held];
    const ends = await rows.read(
      next!,
      indices.filter((i) => samples[i]!.isLast),
    );
    const estimates = await rows.read(
      denoised!,
      indices.filter((i) => samples[i]!.isEstimated),
    );
    denoised!.dispose();
    if (staying.length === 0) next!.dispose();
    const stay = rowsOnDevice(next!, staying);
    return {
      next: indices.map((i) => stay.get(i) ?? ends.get(i)!),
      denoised: indices.map((i) => estimates.get(i)),
      means: means!,
      answered: answered!,
    };
  }

  async dispose(): Promise<void> {
    await this.#onDevice?.rows.dispose();
    await this.#onDevice?.conditions.dispose();
  }
}
