import { ModelError } from '../errors.js';
import { REAL } from '../graphs/graph-signature.js';
import { fixed } from '../graphs/graph-specs.js';
import { floatTensor } from '../graphs/tensor.js';
import type { ConditionKind } from './condition.js';
import { mismatch, TextCondition } from './text.js';

/** One vector for the whole prompt, which models of the SDXL family read beside its tokens. */
export const pooledText: ConditionKind = {
  inputs: [{ name: 'text_embeds', types: REAL, ranks: [2] }],
  create({ dir, inputs, prompts }) {
    const spec = inputs.get('text_embeds');
    if (!spec) return undefined;
    const given = prompts?.empty.pooled?.length;
    if (prompts && given === undefined) {
      throw new ModelError(`${dir}: text_encoder_2 gives no text_embeds: export it with its projection`);
    }
    const wanted = fixed(spec.shape[1]) ?? given;
    if (wanted !== given) throw mismatch(dir, `${given} numbers a prompt`, wanted!);
    return new TextCondition(prompts, ({ pooled }) => ({
      text_embeds: floatTensor(pooled!, [pooled!.length]),
    }));
  },
};
