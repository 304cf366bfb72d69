import { ModelError } from '../errors.js';
import type { TextEncoder, TextEncoding } from '../graphs/text-encoder.js';

/** A prompt as the UNet reads it: `tokens` rows of `width` numbers. */
export interface PromptEmbedding {
  readonly hidden: Float32Array;
  readonly tokens: number;
  readonly width: number;
  /** One vector for the whole prompt, of encoders that give one. */
  readonly pooled?: Float32Array | undefined;
}

/** A prompt in words, or as a text encoder gives it. */
export type Prompt = string | PromptEmbedding;

/** Encodes prompts by the one text encoder of a model, or by both. */
export class PromptEncoder {
  readonly #encoders: readonly TextEncoder[];

  constructor(encoders: readonly TextEncoder[]) {
    this.#encoders = encoders;
  }

  /** @throws ModelError when the encoders do not fit together, or give numbers that are not finite */
  async encodePrompt(text: string): Promise<PromptEmbedding> {
    const parts: TextEncoding[] = [];
    for (const encoder of this.#encoders) parts.push(await encoder.encode(text));
    const [first, second] = parts as [TextEncoding, TextEncoding | undefined];
    if (!second) return first;
    if (first.tokens !== second.tokens) {
      throw new ModelError(
        `the text encoders read ${first.tokens} and ${second.tokens} tokens: they are of different models`,
      );
    }
    const { tokens } = first;
    const hidden = sideBySide(first, second);
    return { hidden, tokens, width: first.width + second.width, pooled: second.pooled };
  }

  async dispose(): Promise<void> {
    for (const encoder of this.#encoders) await encoder.dispose();
  }
}

/** An empty prompt for models that were trained with zeros in its place. */
export function zeroPrompt({ hidden, tokens, width, pooled }: PromptEmbedding): PromptEmbedding {
  return {
    hidden: new Float32Array(hidden.length),
    tokens,
    width,
    pooled: pooled && new Float32Array(pooled.length),
  };
}

/** Joins the rows of both encoders, token by token. */
function sideBySide(first: TextEncoding, second: TextEncoding): Float32Array {
  const width = first.width + second.width;
  const hidden = new Float32Array(first.tokens * width);
  for (let token = 0; token < first.tokens; token++) {
    for (const [part, at] of [[first, 0] as const, [second, first.width] as const]) {
      const row = part.hidden.subarray(token * part.width, (token + 1) * part.width);
      hidden.set(row, token * width + at);
    }
  }
  return hidden;
}
