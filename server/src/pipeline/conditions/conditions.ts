import { ModelError } from '../errors.js';
import { requireTensor } from '../graphs/graph-signature.js';
import type { RowInputs } from '../graphs/row-stack.js';
import type { Condition, ConditionedModel, ConditionKind, ConditionRequest } from './condition.js';
import * as served from './served.js';

const CONDITIONS: readonly ConditionKind[] = Object.values(served);

/** All conditions of one model. */
export class Conditions {
  readonly #conditions: readonly Condition[];

  private constructor(conditions: readonly Condition[]) {
    this.#conditions = conditions;
  }

  /**
   * @param basic inputs that the UNet wrapper itself feeds
   * @throws ModelError when the graph has an input that cannot be fed
   */
  static async of(model: ConditionedModel, basic: readonly string[]): Promise<Conditions> {
    const conditions: Condition[] = [];
    const fed = new Set(basic);
    for (const kind of CONDITIONS) {
      requireInputs(kind, model);
      const condition = await kind.create(model);
      if (!condition) continue;
      conditions.push(condition);
      for (const { name } of kind.inputs) fed.add(name);
    }
    const strange = [...model.inputs.keys()].filter((name) => !fed.has(name));
    if (strange.length === 0) return new Conditions(conditions);
    throw new ModelError(`${model.path} wants ${strange.join(', ')}: a model of this kind is not served`);
  }

  /** The inputs of each row of one picture: one row, or two where it is guided by a second. */
  async prepare(request: ConditionRequest, isGuided: boolean): Promise<RowInputs[]> {
    const row: Record<string, RowInputs[string]> = {};
    const unguidedRow: Record<string, RowInputs[string]> = {};
    for (const condition of this.#conditions) {
      const prepared = await condition.prepare(request, isGuided);
      Object.assign(row, prepared.row);
      Object.assign(unguidedRow, prepared.unguidedRow ?? prepared.row);
    }
    return isGuided ? [row, unguidedRow] : [row];
  }
}

function requireInputs({ inputs }: ConditionKind, { path, inputs: found }: ConditionedModel): void {
  for (const { name, ...signature } of inputs) {
    const spec = found.get(name);
    if (spec) requireTensor(path, spec, signature);
  }
}
