import { ModelError } from '../errors.js';
import { REAL } from '../graphs/graph-signature.js';
import { fixed, type TensorSpec } from '../graphs/graph-specs.js';
import { floatTensor } from '../graphs/tensor.js';
import type { Condition, ConditionedModel, ConditionKind, ConditionRequest, Prepared } from './condition.js';
import type { RowInputs } from '../graphs/row-stack.js';
import type { PromptEmbedding } from './prompt-encoder.js';
import type { Prompts } from './prompts.js';

/** The tokens of the prompt. */
export const text: ConditionKind = {
  inputs: [{ name: 'encoder_hidden_states', types: REAL, ranks: [3] }],
  create(model) {
    const { dir, prompts } = model;
    const spec = model.inputs.get('encoder_hidden_states');
    if (!spec) {
      if (!prompts) return undefined;
      throw new ModelError(`${dir}: the unet has no input encoder_hidden_states, it reads no prompt`);
    }
    if (prompts) requireFittingTokens(model, spec, prompts.empty);
    const tell = ({ hidden, tokens, width }: PromptEmbedding): RowInputs => ({
      encoder_hidden_states: floatTensor(hidden, [tokens, width]),
    });
    return new TextCondition(prompts, tell);
  },
};

/** Feeds the encoded prompt to the UNet, and the negative one to the second row of a guided picture. */
export class TextCondition implements Condition {
  readonly #prompts: Prompts | undefined;
  readonly #tell: (prompt: PromptEmbedding) => RowInputs;

  /** @param prompts undefined for a model that is given embeddings only */
  constructor(prompts: Prompts | undefined, tell: (prompt: PromptEmbedding) => RowInputs) {
    this.#prompts = prompts;
    this.#tell = tell;
  }

  async prepare(request: ConditionRequest, isGuided: boolean): Promise<Prepared> {
    const { prompt } = request;
    if (!this.#prompts) {
      if (typeof prompt === 'string') throw new ModelError('this model reads a prompt and has no text encoder for it');
      return { row: this.#tell(prompt) };
    }
    const row = this.#tell(await this.#prompts.encode(prompt));
    return {
      row,
      unguidedRow: isGuided ? this.#tell(await this.#prompts.encodeNegative(request.negativePrompt)) : undefined,
    };
  }
}

function requireFittingTokens(
  { dir, promptWidth }: ConditionedModel,
  { shape }: TensorSpec,
  { width, tokens }: PromptEmbedding,
): void {
  const wantedWidth = fixed(shape[2]) ?? promptWidth ?? width;
  const wantedTokens = fixed(shape[1]) ?? tokens;
  if (width !== wantedWidth) throw mismatch(dir, `${width} numbers a token`, wantedWidth);
  if (tokens === wantedTokens) return;
  throw new ModelError(
    `${dir}: the text encoders give ${tokens} tokens, the unet takes ${wantedTokens}: export both for the same length`,
  );
}

/** The text encoders and the UNet differ in the width of something. */
export function mismatch(dir: string, given: string, wanted: number): ModelError {
  return new ModelError(
    `${dir}: the text encoders give ${given}, the unet takes ${wanted}: they are of different models`,
  );
}
