import { ParamsError } from './errors.js';

interface Text {
  readonly type: 'text';
  readonly initial: string;
}

interface Flag {
  readonly type: 'flag';
  readonly initial: boolean;
}

/** A number with its bounds; those whose step is 1 are whole. */
interface Numeric extends Range {
  readonly type: 'number';
  readonly initial: number;
}

/** What a client may choose about its pictures: each parameter with its bounds and its first value. */
const PARAMETERS = {
  prompt: { type: 'text', initial: '' },
  negativePrompt: { type: 'text', initial: '' },
  /** 0..1: how much of the sketch is painted over. At 1 all of it, so that only `control` can say what it shows. */
  strength: { type: 'number', initial: 0.6, min: 0.05, max: 1, step: 0.01 },
  /** UNet calls a picture. */
  steps: { type: 'number', initial: 2, min: 1, max: 8, step: 1 },
  /** The server may go down to this many steps under load. */
  minSteps: { type: 'number', initial: 1, min: 1, max: 8, step: 1 },
  /** How hard the picture is pulled toward the prompt; 1 is not at all. */
  guidance: { type: 'number', initial: 4, min: 1, max: 15, step: 0.1 },
  /** 0..2: how strongly the sketch controls the picture; 0 is not at all. Only some models take it. */
  control: { type: 'number', initial: 1, min: 0, max: 2, step: 0.05 },
  /** uint32; the same seed gives the same noise. */
  seed: { type: 'number', initial: 1, min: 0, max: 0xffffffff, step: 1 },
  /** Whether an early picture is sent ahead of the final one. */
  preview: { type: 'flag', initial: false },
  /** 0..1: frames at least this alike count as unchanged; 1 means the same bytes only. */
  similarity: { type: 'number', initial: 1, min: 0.5, max: 1, step: 0.001 },
  /** JPEG quality of the images, 1..100. */
  quality: { type: 'number', initial: 85, min: 30, max: 95, step: 1 },
} as const satisfies Readonly<Record<string, Text | Flag | Numeric>>;

type Parameters = typeof PARAMETERS;
interface Values {
  readonly text: string;
  readonly flag: boolean;
  readonly number: number;
}

/** What a client may choose about its pictures. Every field has a value at all times; a patch changes some. */
export type Params = { readonly [K in keyof Parameters]: Values[Parameters[K]['type']] };

export type ParamsPatch = Partial<Params>;

export interface Range {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

type NumericParam = { [K in keyof Params]: Params[K] extends number ? K : never }[keyof Params];

/** The ranges of numbers that a server serves; `prompt` is the longest prompt in characters. */
export type Ranges = Readonly<Record<Exclude<NumericParam, 'control'>, Range>> & {
  readonly prompt: { readonly maxLength: number };
  /** Missing if the model does not take the sketch as a control. */
  readonly control?: Range;
};

/** The widest range of `control`, and its bounds if the model does not take it. */
export const ANY_CONTROL = rangeOf(PARAMETERS.control);

export const DEFAULT_RANGES: Ranges = Object.freeze({
  prompt: { maxLength: 1_000 },
  strength: rangeOf(PARAMETERS.strength),
  steps: rangeOf(PARAMETERS.steps),
  minSteps: rangeOf(PARAMETERS.minSteps),
  guidance: rangeOf(PARAMETERS.guidance),
  seed: rangeOf(PARAMETERS.seed),
  similarity: rangeOf(PARAMETERS.similarity),
  quality: rangeOf(PARAMETERS.quality),
});

export const DEFAULT_PARAMS = Object.freeze(
  Object.fromEntries(Object.entries(PARAMETERS).map(([name, { initial }]) => [name, initial])),
) as Params;

function rangeOf({ min, max, step }: Range): Range {
  return { min, max, step };
}

/** A longer prompt than the range is an error: silently cutting words would lie. */
function checkText(name: string, value: unknown, { maxLength }: Ranges['prompt']): string {
  if (typeof value !== 'string') throw new ParamsError(`${name} must be a string`);
  if (value.length <= maxLength) return value;
  throw new ParamsError(`${name} has ${value.length} characters; at most ${maxLength} are taken`);
}

function checkFlag(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw new ParamsError(`${name} must be true or false`);
  return value;
}

/** Numbers are clamped to their range, and whole ones rounded. */
function checkNumber(name: string, value: unknown, { min, max, step }: Range): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new ParamsError(`${name} must be a finite number`);
  return Math.min(max, Math.max(min, step === 1 ? Math.round(value) : value));
}

function check(name: keyof Params, value: unknown, ranges: Ranges): string | boolean | number {
  switch (PARAMETERS[name].type) {
    case 'text':
      return checkText(name, value, ranges.prompt);
    case 'flag':
      return checkFlag(name, value);
    case 'number':
      return checkNumber(name, value, ranges[name as NumericParam] ?? ANY_CONTROL);
  }
}

const NAMES = Object.keys(PARAMETERS) as (keyof Params)[];

/**
 * Applies a patch from the network to the current parameters.
 *
 * @returns all parameters, in range, frozen
 * @throws ParamsError naming the field, when a value has the wrong type, is not finite, or a prompt is too long
 */
export function applyParams(current: Params, patch: unknown, ranges: Ranges = DEFAULT_RANGES): Params {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) {
    throw new ParamsError('params must be a map of parameter names to values');
  }
  const given = patch as Readonly<Record<string, unknown>>;
  const changed = NAMES.filter((name) => given[name] !== undefined);
  const next = {
    ...current,
    ...Object.fromEntries(changed.map((name) => [name, check(name, given[name], ranges)])),
  };
  return Object.freeze({ ...next, minSteps: Math.min(next.minSteps, next.steps) });
}

/** Whether two sets of parameters ask for the same picture, byte for byte. */
export function sameParams(a: Params, b: Params): boolean {
  return NAMES.every((name) => a[name] === b[name]);
}
