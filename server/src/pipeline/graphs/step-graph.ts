import { ADDED, type AddedNode, type Addition } from '../onnx/addition.js';
import type { StepFactors } from '../schedulers/scheduler.js';
import type { Extension } from './extended-graph.js';
import { fixed, type GraphSpecs, type TensorSpec } from './graph-specs.js';
import { REAL, requireTensor, WHOLE } from './graph-signature.js';
import { channelMeans, feedSketch } from './pixels.js';

/*
 * The step graph: a UNet with the arithmetic of guidance and of the schedule. docs/GRAPHS.md has the contract.
 */

/** Numbers of one sample in one step, in the order of the columns of `factors`. */
const COLUMNS = [
  'timestep',
  'input',
  'guidance',
  'estimateLatents',
  'estimateOutput',
  'limit',
  'denoisedEstimate',
  'denoisedLatents',
  'nextDenoised',
  'nextLatents',
  'nextOutput',
  'nextNoise',
  'nextPrevious',
  'keptPrevious',
  'keptNoise',
] as const;
type Column = (typeof COLUMNS)[number];
export const FACTORS = COLUMNS.length;

/** In place of infinity, which not every device takes. */
const NO_LIMIT = 3.4e38;

export interface FactorsOptions {
  readonly timestep: number;
  /** 1 for none. */
  readonly guidance: number;
  /** The latents are multiplied by this before anything else. */
  readonly scale: number;
}

/** One row of `factors`. */
export function factorRow(step: StepFactors, { timestep, guidance, scale }: FactorsOptions): Float32Array {
  const { input, estimate, limit, denoised, next } = step;
  const row: Record<Column, number> = {
    timestep,
    input: scale * input,
    guidance,
    estimateLatents: scale * estimate.latents,
    estimateOutput: estimate.output,
    limit: Math.min(limit, NO_LIMIT),
    denoisedEstimate: denoised.estimate,
    denoisedLatents: scale * (denoised.latents ?? 0),
    nextDenoised: next.denoised,
    nextLatents: scale * (next.latents ?? 0),
    nextOutput: next.output ?? 0,
    nextNoise: next.noise ?? 0,
    nextPrevious: 0,
    keptPrevious: 0,
    keptNoise: 0,
  };
  return Float32Array.from(COLUMNS, (name) => row[name]);
}

/** The factors by which a step gives the UNet's own answer to the same latents. */
export function answerRow(factors: Float32Array): Float32Array {
  const row = new Float32Array(FACTORS);
  row.set(factors.subarray(0, COLUMNS.indexOf('guidance')));
  row[COLUMNS.indexOf('guidance')] = 1;
  row[COLUMNS.indexOf('nextOutput')] = 1;
  return row;
}

export function timestepOf(factors: Float32Array): number {
  return factors[COLUMNS.indexOf('timestep')]!;
}

/**
 * How the unconditioned answer of a guided sample comes: from another row of the call, from a call of its own where the
 * graph takes one row, or not at all.
 */
export type UnguidedAnswer = 'row' | 'call' | 'none';

export function unguidedAnswer({ shape }: TensorSpec, isGuidedByRows: boolean): UnguidedAnswer {
  if (!isGuidedByRows) return 'none';
  return fixed(shape[0]) === 1 ? 'call' : 'row';
}

/** @param isGuidedByRows whether a second row guides this model */
export function stepExtension(isGuidedByRows: (specs: GraphSpecs) => boolean): Extension {
  return {
    // All that is as large as the latents.
    held: ({ outputs }) => [...outputs.keys(), ADDED + 'next', ADDED + 'denoised'],
    check(specs) {
      const [sample, timestep] = [specs.input('sample'), specs.input('timestep')];
      const latents = { types: REAL, ranks: [4], channels: fixed(sample.shape[1]) };
      requireTensor(specs.path, sample, latents);
      requireTensor(specs.path, specs.output('out_sample'), latents);
      requireTensor(specs.path, timestep, { types: [...REAL, ...WHOLE], ranks: [0, 1] });
    },
    extend(specs, added) {
      const answer = specs.output('out_sample').name;
      new StepNodes(specs, added, unguidedAnswer(specs.input('sample'), isGuidedByRows(specs))).add(answer);
      return [answer];
    },
  };
}

/** Whether every row of one call may have a timestep of its own. */
export function hasMixedTimesteps({ shape: [rows] }: TensorSpec, sample: TensorSpec): boolean {
  // A dimension with another name than the batch promises nothing: exporters trace it with a single timestep.
  return rows !== undefined && rows !== 1 && rows === sample.shape[0];
}

/** Adds the nodes of one step graph. */
class StepNodes {
  readonly #specs: GraphSpecs;
  readonly #added: Addition;
  readonly #unguided: UnguidedAnswer;
  readonly #factors: string;
  readonly #latents: string;

  constructor(specs: GraphSpecs, added: Addition, unguided: UnguidedAnswer) {
    this.#specs = specs;
    this.#added = added;
    this.#unguided = unguided;
    const { shape } = specs.input('sample');
    // With a second row for some, there are fewer samples than rows.
    const samples = unguided === 'row' ? 'samples' : (shape[0] ?? '');
    this.#factors = added.input('factors', 'float32', [samples, FACTORS]);
    this.#latents = added.input('latents', 'float32', [samples, ...shape.slice(1)]);
  }

  /** @param answer the UNet's output */
  add(answer: string): void {
    const added = this.#added;
    const rows =
      this.#unguided === 'row' ? added.input('rows', 'int64', [this.#specs.input('sample').shape[0]!]) : undefined;
    const ofRows = (value: string): string => (rows ? added.node('Gather', [value, rows]) : value);
    added.feed(this.#specs.input('sample'), ofRows(this.#times(this.#latents, 'input')));
    this.#feedTimestep(ofRows);
    const sketch = this.#specs.inputs.get('controlnet_cond');
    if (sketch) feedSketch(sketch, added);
    added.output({ name: 'answered', type: 'int64', shape: [4] }, { operator: 'Shape', inputs: [answer] });
    this.#step(this.#guided(added.cast(answer, 'float32')));
  }

  #feedTimestep(ofRows: (value: string) => string): void {
    const added = this.#added;
    const spec = this.#specs.input('timestep');
    const all = added.node('Gather', [this.#factors, added.wholes([0], [])], { axis: 1 });
    if (hasMixedTimesteps(spec, this.#specs.input('sample'))) return added.feed(spec, ofRows(all));
    // Fractions are cut off if the graph takes whole numbers, as diffusers' and Optimum's ONNX pipelines cast them.
    added.feed(spec, added.node('Gather', [all, added.wholes([0], spec.shape.length === 0 ? [] : [1])]));
  }

  /** Classifier-free guidance (Ho and Salimans 2022): away from the unconditioned answer, by `guidance`. */
  #guided(answers: string): string {
    if (this.#unguided === 'none') return answers;
    const added = this.#added;
    const [conditioned, unconditioned] =
      this.#unguided === 'row'
        ? ['conditioned', 'unconditioned'].map((name) =>
            added.node('Gather', [answers, added.input(name, 'int64', ['samples'])]),
          )
        : [answers, this.#extra('unconditioned')];
    const away = this.#times(added.node('Sub', [conditioned!, unconditioned!]), 'guidance');
    return added.node('Add', [unconditioned!, away]);
  }

  #step(output: string): void {
    const added = this.#added;
    const latents = this.#latents;
    const estimate = this.#sum(this.#times(latents, 'estimateLatents'), this.#times(output, 'estimateOutput'));
    const limit = this.#factor('limit');
    const bounded = added.node('Max', [added.node('Min', [estimate, limit]), added.node('Neg', [limit])]);
    const shape = ['', ...this.#specs.input('sample').shape.slice(1)];
    const denoised = added.output(
      { name: 'denoised', type: 'float32', shape },
      {
        operator: 'Add',
        inputs: [this.#times(bounded, 'denoisedEstimate'), this.#times(latents, 'denoisedLatents')],
      },
    );
    added.output({ name: 'next', type: 'float32', shape }, this.#next({ output, denoised }));
    const means = [output, denoised].map((values) => added.node(channelMeans(values).operator, [values]));
    added.output({ name: 'means', type: 'float32', shape: ['', shape[1]!, 1, 1] }, { operator: 'Add', inputs: means });
  }

  /** The mask is multiplied with factors, which are small, and not with latents. */
  #next({ output, denoised }: { readonly output: string; readonly denoised: string }): AddedNode {
    const added = this.#added;
    const [noise, previous, mask] = [this.#extra('noise'), this.#extra('previous'), this.#extra('mask')];
    const painted = added.node('Sub', [added.floats([1]), mask]);
    const ofPainted = (factor: Column): string => added.node('Mul', [painted, this.#factor(factor)]);
    const ofAll = (factor: Column, kept: Column): string =>
      this.#sum(ofPainted(factor), added.node('Mul', [mask, this.#factor(kept)]));
    const product = (value: string, factors: string): string => added.node('Mul', [value, factors]);
    const extra = this.#sum(
      product(noise, ofAll('nextNoise', 'keptNoise')),
      product(previous, ofAll('nextPrevious', 'keptPrevious')),
    );
    const rest = this.#sum(
      product(denoised, ofPainted('nextDenoised')),
      product(this.#latents, ofPainted('nextLatents')),
    );
    return { operator: 'Add', inputs: [this.#sum(rest, product(output, ofPainted('nextOutput'))), extra] };
  }

  #sum(one: string, other: string): string {
    return this.#added.node('Add', [one, other]);
  }

  /** An input in the shape of the latents; any of its dimensions may be 1. */
  #extra(name: string): string {
    return this.#added.input(name, 'float32', ['', '', '', '']);
  }

  #times(value: string, factor: Column): string {
    return this.#added.node('Mul', [value, this.#factor(factor)]);
  }

  /** [samples, 1, 1, 1] */
  #factor(name: Column): string {
    const column = this.#added.wholes([COLUMNS.indexOf(name)], [1, 1, 1]);
    return this.#added.node('Gather', [this.#factors, column], { axis: 1 });
  }
}
