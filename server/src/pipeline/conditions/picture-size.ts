import { ModelError } from '../errors.js';
import { REAL } from '../graphs/graph-signature.js';
import { fixed } from '../graphs/graph-specs.js';
import { floatTensor } from '../graphs/tensor.js';
import type { ConditionKind } from './condition.js';

const COUNT = 6;

/**
 * Size before cropping, corner of the crop, target size (Podell et al. 2023, section 2.2). Nothing is cropped here.
 */
export const pictureSize: ConditionKind = {
  inputs: [{ name: 'time_ids', types: REAL, ranks: [2] }],
  create({ path, inputs, size: { width, height } }) {
    const spec = inputs.get('time_ids');
    if (!spec) return undefined;
    if ((fixed(spec.shape[1]) ?? COUNT) !== COUNT) {
      throw new ModelError(`${path} takes an aesthetic score: it is a refiner, which is not served`);
    }
    const values = Float32Array.of(height, width, 0, 0, height, width);
    const row = { time_ids: floatTensor(values, [COUNT]) };
    return { prepare: () => ({ row }) };
  },
};
