import type { ControlEncoder } from '../graphs/control-encoder.js';
import type { LatentShape } from '../graphs/latent-shape.js';
import type { TensorSpec } from '../graphs/graph-specs.js';
import type { Size } from '../graphs/pixels.js';
import type { Signature } from '../graphs/graph-signature.js';
import type { RowInputs } from '../graphs/row-stack.js';
import type { Prompt } from './prompt-encoder.js';
import type { Prompts } from './prompts.js';

/*
 * A condition is an input of the UNet beside the latents and the timestep: the text, the guidance scale, the
 * size of the picture, a class, the sketch.
 */

/** The parts of a request that conditions read. */
export interface ConditionRequest {
  readonly prompt: Prompt;
  /** The prompt that guidance leads away from. */
  readonly negativePrompt?: Prompt | undefined;
  readonly guidance: number;
  readonly seed: number;
  /** The sketch: RGB, `height * width * 3` bytes. */
  readonly picture?: Uint8Array | null | undefined;
  /**
   * How strongly the sketch controls the picture, for models that take it as a condition: 0 not at all, 1 by default.
   */
  readonly control?: number | undefined;
}

/** The inputs of one picture. */
export interface Prepared {
  readonly row: RowInputs;
  /** Inputs of the second row, of a picture that is guided by one; undefined: the same. */
  readonly unguidedRow?: RowInputs | undefined;
}

/** One condition of a loaded model. */
export interface Condition {
  /** Works out the inputs of one picture, once, before its first step. `isGuided`: it takes a second row. */
  prepare(request: ConditionRequest, isGuided: boolean): Promise<Prepared> | Prepared;
}

/** An input of the UNet graph that a condition feeds. */
export interface ConditionInput extends Signature {
  readonly name: string;
}

/** A kind of condition. Each has one file, which exports one of these, and one line in served.ts. */
export interface ConditionKind {
  readonly inputs: readonly ConditionInput[];
  /**
   * @returns undefined when the graph takes none of the inputs
   * @throws ModelError when the graph or the folder makes it impossible to feed them
   */
  create(model: ConditionedModel): Promise<Condition | undefined> | Condition | undefined;
}

/** A model as conditions see it when it is loaded. */
export interface ConditionedModel {
  /** The folder, for messages. */
  readonly dir: string;
  /** The UNet's graph, and its inputs. */
  readonly path: string;
  readonly inputs: ReadonlyMap<string, TensorSpec>;
  /** Undefined for a folder without text encoders. */
  readonly prompts: Prompts | undefined;
  /** `cross_attention_dim` of the UNet's configuration. */
  readonly promptWidth: number | undefined;
  /** `time_cond_proj_dim`, for graphs that leave that dimension free. */
  readonly guidanceWidth: number | undefined;
  /** Classes of a model of pixels; the labels of other models mean other things. */
  readonly classes: number | undefined;
  /** The `control_encoder` graph, if the folder has one. */
  readonly controlEncoder: ControlEncoder | undefined;
  /** RGB of an empty sheet, if the folder declares it. */
  readonly emptySheet: readonly number[] | undefined;
  /** Pixels of every picture. */
  readonly size: Size;
  readonly latentShape: LatentShape;
}
