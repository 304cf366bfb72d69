import { isDeepStrictEqual } from 'node:util';
import type { ServedModel } from '../../contract.js';

/** These may differ between workers of one model. */
const OWN: readonly string[] = ['device', 'dtype', 'pace'] satisfies readonly (keyof ServedModel)[];

/** What a worker's model has that a server's has not; undefined if clients cannot tell them apart. */
export function whyOtherModel(ours: ServedModel, theirs: ServedModel): string | undefined {
  const [a, b] = [ours, theirs].map((model) => new Map(Object.entries(model)));
  const names = [...new Set([...a!.keys(), ...b!.keys()])].filter((name) => !OWN.includes(name));
  const differing = names.filter((name) => !isDeepStrictEqual(a!.get(name), b!.get(name)));
  if (differing.length === 0) return undefined;
  return `${differing.map((name) => `${name}: ${textOf(b!.get(name))}, not ${textOf(a!.get(name))}`).join('; ')}`;
}

function textOf(value: unknown): string {
  return (JSON.stringify(value) ?? 'none').slice(0, 60);
}
