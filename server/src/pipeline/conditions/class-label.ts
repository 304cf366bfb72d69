import { REAL, WHOLE } from '../graphs/graph-signature.js';
import { integerTensor } from '../graphs/tensor.js';
import type { ConditionKind } from './condition.js';

/** The class of the picture by its number: the prompt's if it is one, else the seed chooses. */
export const classLabel: ConditionKind = {
  inputs: [{ name: 'class_labels', types: [...WHOLE, ...REAL], ranks: [1] }],
  create({ inputs, classes }) {
    const spec = inputs.get('class_labels');
    if (!spec || classes === undefined) return undefined;
    return {
      prepare({ prompt, seed }) {
        const named = typeof prompt === 'string' ? classOf(prompt, classes) : undefined;
        return { row: { class_labels: integerTensor(spec.type, [named ?? seed % classes], []) } };
      },
    };
  },
};

/** The class that a prompt names by its number; undefined when it names none of the `classes`. */
function classOf(prompt: string, classes: number): number | undefined {
  const words = prompt.trim();
  const number = /^\d{1,9}$/.test(words) ? Number(words) : Infinity;
  return number < classes ? number : undefined;
}
