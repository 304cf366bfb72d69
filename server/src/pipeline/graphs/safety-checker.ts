import { clipImage, clipViewOf, type ClipView } from './clip-image.js';
import type { PreprocessorConfig } from '../folder/folder-files.js';
import { fixed } from './graph-specs.js';
import type { Graph } from './ort.js';
import type { Size } from './pixels.js';
import { floatTensor } from './tensor.js';

/** Stable Diffusion's safety checker, which finds pictures that should not be shown. Some folders have one. */
export class SafetyChecker {
  readonly #graph: Graph;
  readonly #view: ClipView;
  readonly #verdict: string;

  /** @throws ModelError when the graph is not a safety checker */
  constructor(graph: Graph, preprocessor: PreprocessorConfig) {
    this.#graph = graph;
    graph.refuseInputsBut(['clip_input', 'images']);
    const edge = fixed(graph.input('clip_input').shape[2]);
    this.#view = { ...clipViewOf(preprocessor), ...(edge !== undefined && { edge }) };
    this.#verdict = graph.requireOutput('has_nsfw_concepts').name;
  }

  /**
   * Whether each picture should not be shown.
   *
   * @param pictures RGB, `height * width * 3` bytes each
   */
  async judge(pictures: readonly Uint8Array[], size: Size): Promise<boolean[]> {
    const verdicts: boolean[] = [];
    // One by one: many of these graphs were traced for a batch of one.
    for (const picture of pictures) verdicts.push(await this.#judgeOne(picture, size));
    return verdicts;
  }

  async #judgeOne(picture: Uint8Array, size: Size): Promise<boolean> {
    const { edge } = this.#view;
    const feeds = { clip_input: floatTensor(clipImage(picture, size, this.#view), [1, 3, edge, edge]) };
    const [verdict] = await this.#graph.run({ ...feeds, ...this.#blank() }, [this.#verdict]);
    return Number(verdict!.data[0]) !== 0;
  }

  /** The graph also blacks out flagged pictures. That is not needed, so it gets tiny ones. */
  #blank() {
    const images = this.#graph.inputs.get('images');
    if (!images) return undefined;
    const shape = [1, ...images.shape.slice(1, 3).map((size) => fixed(size) ?? 1), 3];
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    return { images: floatTensor(new Float32Array(size), shape) };
  }

  dispose(): Promise<void> {
    return this.#graph.dispose();
  }
}
