import type { Graph } from './ort.js';
import { integerTensor, toFloats } from './tensor.js';
import type { Tokenizer } from './tokenizer.js';

/** A prompt as the UNet reads it: `tokens` rows of `width` numbers. */
export interface PromptEmbedding {
  readonly hidden: Float32Array;
  readonly tokens: number;
  readonly width: number;
}

/** The text encoder's graph together with the tokenizer made for it. */
export class TextEncoder {
  /** Tokens of every prompt. */
  readonly tokens: number;
  readonly #graph: Graph;
  readonly #tokenizer: Tokenizer;
  readonly #ids: ReturnType<Graph['input']>;
  readonly #output: string;

  /** @param positions tokens that the folder's configuration gives the encoder; the graph's own number goes first */
  constructor(graph: Graph, tokenizer: Tokenizer, positions: number | undefined) {
    this.#graph = graph;
    this.#tokenizer = tokenizer;
    this.#ids = graph.input('input_ids');
    this.#output = graph.output('last_hidden_state').name;
    const fixed = this.#ids.shape[1];
    this.tokens = typeof fixed === 'number' && fixed > 0 ? fixed : (positions ?? tokenizer.maxLength ?? 77);
  }

  async encodePrompt(text: string): Promise<PromptEmbedding> {
    const ids = integerTensor(this.#ids.type, this.#tokenizer.encode(text, this.tokens), [1, this.tokens]);
    const [hidden] = await this.#graph.run({ [this.#ids.name]: ids }, [this.#output], 1);
    // A copy of its own: it lives in the cache long after the graph's output memory is gone.
    return { hidden: toFloats(hidden!).slice(), tokens: hidden!.shape[1]!, width: hidden!.shape[2]! };
  }

  dispose(): Promise<void> {
    return this.#graph.dispose();
  }
}
