import { ModelError } from '../errors.js';
import type { TextEncoder, TextEncoding } from '../graphs/text-encoder.js';

/** A prompt as the UNet reads it: `tokens` rows of `width` numbers. */
export interface PromptEmbedding {
  readonly hidden: Float32Array;
  readonly tokens: number;
  readonly width: number;
  /** One vector for the whole prompt, for models that read one beside the tokens. */
  readonly pooled?: Float32Array | undefined;
  /** The number of what the picture shows, for models that are told nothing but that. */
  readonly classLabel?: number | undefined;
}

/** Prompts for a UNet, by the one text encoder of a model or by both of its two. */
export class PromptEncoder {
  readonly #encoders: readonly TextEncoder[];

  constructor(encoders: readonly TextEncoder[]) {
    this.#encoders = encoders;
  }

  /** @throws ModelError when what the encoders give does not fit together, or is no numbers */
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

/** No words at all, as models read them that were trained with zeros in their place. */
export function zeroPrompt({ hidden, tokens, width, pooled }: PromptEmbedding): PromptEmbedding {
  return {
    hidden: new Float32Array(hidden.length),
    tokens,
    width,
    pooled: pooled && new Float32Array(pooled.length),
  };
}

/** Each token's numbers of both encoders in one row. */
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
