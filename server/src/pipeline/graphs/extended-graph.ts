import { createHash } from 'node:crypto';
import { ModelError } from '../errors.js';
import { Addition, castNode, passingModel } from '../onnx/addition.js';
import { describeGraph, type DescribedGraph } from '../onnx/describe.js';
import { splicedModel } from '../onnx/spliced.js';
import { GraphSpecs, type ElementType, type TensorSpec } from './graph-specs.js';
import { openGraph, type KeptGraphOptions } from './optimised-graph.js';
import { Graph, type ExtendedGraph, type GraphOptions } from './ort.js';

/*
 * Graphs are run with nodes of ours around their own, so that no arithmetic is left between two calls: the work on
 * numbers and pixels is done where the graph runs.
 */

/** The nodes added to graphs of one kind. */
export interface Extension {
  /** Names the outputs that stay on the device, if it has memory of its own, as the session does. */
  held?(specs: GraphSpecs): readonly string[];
  /** @throws ModelError when the graph is not of the kind */
  check(specs: GraphSpecs): void;
  /** Adds the nodes, by what the file declares, which is not checked yet. Names the outputs that they replace. */
  extend(specs: GraphSpecs, addition: Addition): readonly string[];
}

export interface ExtendedOptions extends KeptGraphOptions {
  /** Whether the graph's own inputs are outputs too, for tools that record them. */
  readonly revealed?: boolean | undefined;
}

/** Adds nothing but conversions to single precision. */
export const PLAIN: Extension = { check: () => undefined, extend: () => [] };

/**
 * Opens a graph with what the extension adds. All its numbers are in single precision for callers, whatever the graph's
 * are.
 *
 * @throws ModelError when the graph does not load, or is not of the kind
 */
export async function openExtended(path: string, extension: Extension, options: ExtendedOptions): Promise<Graph> {
  try {
    const described = await describeGraph(path);
    if (!described) throw new ModelError(`${path} is not in the usual format of ONNX: export it again`);
    const extended = extend(described, extension, options.revealed);
    const held = extension.held?.(described.specs);
    const graph = await openGraph(path, { ...options, extended, held });
    extension.check(graph);
    return graph;
  } catch (error) {
    await explain(path, extension, options);
    throw error;
  }
}

/** Throws the reason that lies in the graph itself, if there is one: it says more than that of the extended graph. */
async function explain(path: string, extension: Extension, options: KeptGraphOptions): Promise<void> {
  const plain = await Graph.open(path, options);
  try {
    extension.check(plain);
  } finally {
    await plain.dispose();
  }
}

/** A graph that gives one of its inputs out again. */
export interface PassingGraph {
  /** In place of its path, for messages. */
  readonly name: string;
  readonly inputs: readonly TensorSpec[];
  /** The input that it gives out. */
  readonly passed: string;
  readonly output: TensorSpec;
}

/** Opens such a graph with what the extension adds. */
export function openPassing(graph: PassingGraph, extension: Extension, options: GraphOptions): Promise<Graph> {
  const { name, inputs, passed, output } = graph;
  const specs = new GraphSpecs(name, byName(inputs), byName([output]));
  const { bytes, ...added } = additionTo(specs, extension);
  const left = inputs.filter((spec) => !added.hidden.has(spec.name));
  const model = Buffer.concat([passingModel({ value: passed, inputs: left, output }), bytes]);
  const extended = { ...added, bytes: () => Promise.resolve(model) };
  return Graph.open(name, { ...options, extended, held: extension.held?.(specs) });
}

function byName(specs: readonly TensorSpec[]): Map<string, TensorSpec> {
  return new Map(specs.map((spec) => [spec.name, spec]));
}

function extend({ specs, inputsAt }: DescribedGraph, extension: Extension, revealed = false): ExtendedGraph {
  const { bytes, ...added } = additionTo(specs, extension, revealed);
  const hiddenAt = [...added.hidden.keys()].map((name) => inputsAt.get(name)!);
  return { ...added, bytes: () => splicedModel(specs.path, bytes, hiddenAt) };
}

function additionTo(specs: GraphSpecs, extension: Extension, revealed = false) {
  const addition = new Addition();
  const replaced = extension.extend(specs, addition);
  inSinglePrecision(specs, addition, replaced);
  if (revealed) addition.reveal();
  const bytes = addition.toBytes();
  return { hidden: addition.hidden, key: createHash('sha256').update(bytes).digest('hex'), bytes };
}

const OTHER_PRECISIONS: readonly ElementType[] = ['float16', 'float64'];

function inSinglePrecision({ inputs, outputs }: GraphSpecs, addition: Addition, replaced: readonly string[]): void {
  for (const spec of inputs.values()) {
    if (addition.hidden.has(spec.name) || !OTHER_PRECISIONS.includes(spec.type)) continue;
    addition.feed(spec, addition.input(spec.name, 'float32', spec.shape));
  }
  for (const spec of outputs.values()) {
    if (replaced.includes(spec.name) || !OTHER_PRECISIONS.includes(spec.type)) continue;
    addition.output({ ...spec, type: 'float32' }, castNode(spec.name, 'float32'));
  }
}
