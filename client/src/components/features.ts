/** The parts of a studio that a page may leave out. */
export const FEATURES = [
  'status',
  'camera',
  'share',
  'help',
  'views',
  'fullscreen',
  'freeze',
  'snapshot',
  'reuse',
  'save',
  'prompt',
  'ideas',
  'negativePrompt',
  'control',
  'strength',
  'steps',
  'guidance',
  'seed',
  'preview',
] as const;
export type Feature = (typeof FEATURES)[number];

export const ALL_FEATURES: ReadonlySet<Feature> = new Set(FEATURES);

/**
 * Reads a list of names: `prompt strength` has only these, `-share -seed` has all but these. An empty list has all, and names
 * that are not known are ignored.
 */
export function featuresOf(list: string): ReadonlySet<Feature> {
  const names = list.split(/[\s,]+/).filter((name) => name !== '');
  const left = names.filter((name) => name.startsWith('-')).map((name) => name.slice(1));
  const only = names.filter((name) => !name.startsWith('-'));
  return new Set(FEATURES.filter((name) => !left.includes(name) && (only.length === 0 || only.includes(name))));
}
