import { LRUCache } from 'lru-cache';
import { zeroPrompt, type Prompt, type PromptEmbedding, type PromptEncoder } from './prompt-encoder.js';

export interface PromptsOptions {
  /** Bytes of prompt embeddings that are kept. */
  readonly cacheBytes: number;
  /** Whether an empty negative prompt is zeros. */
  readonly zeroEmptyPrompt: boolean;
}

/** Prompts of requests, encoded. The latest are kept; the least recently used go first. */
export class Prompts {
  /** The prompt without words, as the text encoders give it. */
  readonly empty: PromptEmbedding;
  readonly #emptyNegative: PromptEmbedding;
  readonly #encoder: PromptEncoder;
  readonly #kept: LRUCache<string, PromptEmbedding>;

  private constructor(encoder: PromptEncoder, empty: PromptEmbedding, options: PromptsOptions) {
    this.#encoder = encoder;
    this.empty = empty;
    this.#emptyNegative = options.zeroEmptyPrompt ? zeroPrompt(empty) : empty;
    this.#kept = new LRUCache({
      maxSize: options.cacheBytes,
      sizeCalculation: ({ hidden, pooled }, words) => hidden.byteLength + (pooled?.byteLength ?? 0) + 2 * words.length,
    });
  }

  /** @throws ModelError when the encoders do not fit together */
  static async of(encoder: PromptEncoder, options: PromptsOptions): Promise<Prompts> {
    return new Prompts(encoder, await encoder.encodePrompt(''), options);
  }

  /** Prompts that are kept, and the bytes they take. */
  get kept(): { readonly prompts: number; readonly bytes: number } {
    return { prompts: this.#kept.size, bytes: this.#kept.calculatedSize };
  }

  /** Text beyond the model's tokens is cut. */
  async encode(prompt: Prompt): Promise<PromptEmbedding> {
    if (typeof prompt !== 'string') return prompt;
    const known = this.#kept.get(prompt);
    if (known) return known;
    const embedding = await this.#encoder.encodePrompt(prompt);
    this.#kept.set(prompt, embedding);
    return embedding;
  }

  /** The prompt that guidance leads away from. */
  async encodeNegative(negativePrompt: Prompt = ''): Promise<PromptEmbedding> {
    return negativePrompt === '' ? this.#emptyNegative : this.encode(negativePrompt);
  }
}
