import { LRUCache } from 'lru-cache';
import { REAL } from '../graphs/graph-signature.js';
import { fixed } from '../graphs/graph-specs.js';
import type { TensorValue } from '../graphs/ort.js';
import { floatTensor } from '../graphs/tensor.js';
import type { ConditionKind } from './condition.js';

const USUAL_WIDTH = 256;

/** The guidance scale, for models that are distilled with it and need no second row. */
export const guidance: ConditionKind = {
  inputs: [{ name: 'timestep_cond', types: REAL, ranks: [2] }],
  create({ inputs, guidanceWidth }) {
    const spec = inputs.get('timestep_cond');
    if (!spec) return undefined;
    const width = fixed(spec.shape[1]) ?? guidanceWidth ?? USUAL_WIDTH;
    const kept = new LRUCache<number, TensorValue>({
      max: 64,
      memoMethod: (scale) => floatTensor(guidanceEmbedding(scale, width), [width]),
    });
    return { prepare: ({ guidance: scale }) => ({ row: { timestep_cond: kept.memo(scale) } }) };
  },
};

/**
 * The embedding of a guidance scale (`timestep_cond`): sines, then cosines, of
 * w = (guidance - 1) * 1000 at frequencies that fall from 1 to 1/10 000 (Luo et al. 2023, section 4.2; arithmetic as
 * diffusers' get_guidance_scale_embedding, in single precision).
 *
 * @param dimension the UNet's `time_cond_proj_dim`
 */
export function guidanceEmbedding(guidance: number, dimension: number): Float32Array {
  const half = Math.floor(dimension / 2);
  const w = Math.fround(Math.fround(guidance - 1) * 1000);
  const embedding = new Float32Array(dimension);
  for (const [i, frequency] of frequencies(half).entries()) {
    const angle = Math.fround(w * frequency);
    embedding[i] = Math.sin(angle);
    embedding[half + i] = Math.cos(angle);
  }
  return embedding;
}

function frequencies(count: number): Float32Array {
  const decay = Math.fround(Math.log(10000) / (count - 1));
  const values = Float32Array.from({ length: count }, (_, i) => Math.exp(Math.fround(i * -decay)));
  // PyTorch's exp (2.13, CPU) does not round this one of the usual 128 frequencies to the nearest number. Models are
  // trained with its value, and at w = 7000 this last bit moves the angle by 4e-4.
  if (count === 128) values[4] = 0.7481966018676758;
  return values;
}
