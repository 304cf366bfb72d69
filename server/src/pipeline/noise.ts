import { LRUCache } from 'lru-cache';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** The noise tensors of one picture, by number: 0 is the initial one, k the one added after step k. */
export type NoiseSource = (index: number) => Float32Array;

const SEEDS_KEPT = 32;

/** Noise by seed. It depends on nothing but seed, size and number, so that a still sketch gives a still picture. */
export class SeededNoises {
  readonly #kept: LRUCache<number, NoiseSource>;

  /** @param size numbers of one tensor */
  constructor(size: number) {
    this.#kept = new LRUCache({ max: SEEDS_KEPT, memoMethod: (seed: number) => seededNoise(seed, size) });
  }

  of(seed: number): NoiseSource {
    return this.#kept.memo(seed);
  }
}

/** The noise of one seed. Tensors are made on demand and kept; they must not be written to. */
export function seededNoise(seed: number, size: number): NoiseSource {
  const draw = normalSource(seed);
  const tensors: Float32Array[] = [];
  return (index) => {
    while (tensors.length <= index) tensors.push(draw(size));
    return tensors[index]!;
  };
}

/** Draws from N(0, 1) by the Box-Muller transform (1958), two numbers at a time. */
function normalSource(seed: number): (size: number) => Float32Array {
  const generator = xoroshiro128plus(seed | 0);
  // The middle of one of 2^32 equal parts of 0..1: never 0, as its logarithm is infinite.
  const uniform = (): number => ((generator.next() >>> 0) + 0.5) / 2 ** 32;
  return (size) => {
    const values = new Float32Array(size);
    for (let i = 0; i < size; i += 2) {
      const radius = Math.sqrt(-2 * Math.log(uniform()));
      const angle = 2 * Math.PI * uniform();
      values[i] = radius * Math.cos(angle);
      if (i + 1 < size) values[i + 1] = radius * Math.sin(angle);
    }
    return values;
  };
}
