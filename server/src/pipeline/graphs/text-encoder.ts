import { ModelError } from '../errors.js';
import { REAL, requireTensor, WHOLE } from './graph-signature.js';
import { notFinite } from './not-finite.js';
import { fixed, type TensorSpec } from './graph-specs.js';
import type { Graph } from './ort.js';
import { finite, floatsOf, integerTensor } from './tensor.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';

export interface TextEncoderOptions {
  /** Tokens of a prompt by the folder's configuration; a number that the graph fixes takes precedence. */
  readonly positions: number | undefined;
  /** Ids that the encoder knows, if the configuration says. */
  readonly vocabulary: number | undefined;
  /** The layer that the UNet reads; `penultimate` is the last but one, without its norm. */
  readonly layer: 'last' | 'penultimate';
}

/** A prompt as one encoder gives it: `tokens` rows of `width` numbers. */
export interface TextEncoding {
  readonly hidden: Float32Array;
  readonly tokens: number;
  readonly width: number;
  /** One vector for the whole text, of encoders that project it. */
  readonly pooled: Float32Array | undefined;
}

/** Embeddings are padded to a round number. More unused ids than this mean another tokenizer. */
const MOST_UNUSED = 1023;

/** A text encoder's graph together with the tokenizer made for it. */
export class TextEncoder {
  /** Tokens of every prompt. */
  readonly tokens: number;
  readonly #graph: Graph;
  readonly #tokenizer: Tokenizer;
  readonly #ids: TensorSpec;
  readonly #outputs: readonly string[];

  /** @throws ModelError when the graph lacks an output, or the tokenizer has ids that it does not know */
  constructor(graph: Graph, tokenizer: Tokenizer, { positions, vocabulary, layer }: TextEncoderOptions) {
    this.#graph = graph;
    this.#tokenizer = tokenizer;
    this.#ids = graph.input('input_ids');
    graph.refuseInputsBut(['input_ids']);
    const hidden = layer === 'last' ? graph.output('last_hidden_state').name : penultimate(graph);
    const pooled = graph.outputs.get('text_embeds');
    this.#outputs = pooled ? [hidden, pooled.name] : [hidden];
    requireTensor(graph.path, this.#ids, { types: WHOLE, ranks: [2] });
    requireTensor(graph.path, graph.outputs.get(hidden)!, { types: REAL, ranks: [3] });
    if (pooled) requireTensor(graph.path, pooled, { types: REAL, ranks: [2] });
    this.tokens = fixed(this.#ids.shape[1]) ?? positions ?? tokenizer.maxLength ?? 77;
    if (vocabulary === undefined) return;
    const unused = vocabulary - 1 - tokenizer.highestId;
    if (unused < 0 || unused > MOST_UNUSED) throw this.#strangeTokenizer(vocabulary);
  }

  /**
   * Encodes the greatest id, which an encoder of another model may not know.
   *
   * @throws ModelError when the encoder does not know it
   */
  async checkTokenizer(): Promise<void> {
    const ids = Array<number>(this.tokens).fill(this.#tokenizer.highestId);
    try {
      await this.#encode(ids);
    } catch (cause) {
      throw this.#strangeTokenizer(undefined, cause);
    }
  }

  /** @throws ModelError when the encoding is not finite */
  async encode(text: string): Promise<TextEncoding> {
    const encoding = await this.#encode(this.#tokenizer.encode(text, this.tokens));
    const { hidden, pooled } = encoding;
    if (finite(hidden) && (!pooled || finite(pooled))) return encoding;
    throw notFinite(this.#graph.name, 'weights');
  }

  dispose(): Promise<void> {
    return this.#graph.dispose();
  }

  async #encode(numbers: readonly number[]): Promise<TextEncoding> {
    const ids = integerTensor(this.#ids.type, numbers, [1, this.tokens]);
    const [hidden, pooled] = await this.#graph.run({ [this.#ids.name]: ids }, this.#outputs);
    const [, tokens, width] = hidden!.shape as [number, number, number];
    // Copied, as the cache outlives the memory of the graph's outputs.
    return { hidden: floatsOf(hidden!).slice(), tokens, width, pooled: pooled && floatsOf(pooled).slice() };
  }

  #strangeTokenizer(vocabulary: number | undefined, cause?: unknown): ModelError {
    const known = vocabulary === undefined ? 'fewer' : `those below ${vocabulary}`;
    return new ModelError(
      `${this.#tokenizer.dir} has ids up to ${this.#tokenizer.highestId}, ${this.#graph.path} knows ${known}: ` +
        'they are of different models, take both from the same one',
      { cause },
    );
  }
}

/** The last hidden state but one. Exporters number them from the embedding, 0. */
function penultimate(graph: Graph): string {
  const layers = [...graph.outputs.keys()]
    .map((name) => ({ name, layer: Number(/^hidden_states[._](\d+)$/.exec(name)?.[1] ?? NaN) }))
    .filter(({ layer }) => !Number.isNaN(layer))
    .sort((a, b) => b.layer - a.layer);
  if (layers.length >= 2) return layers[1]!.name;
  throw new ModelError(
    `${graph.path} outputs no hidden states, which a model of two text encoders reads: export it with all of them`,
  );
}
