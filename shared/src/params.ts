import { ParamsError } from './errors.js';

/** What a client may choose about its pictures. Every field has a value at all times; a patch changes some. */
export interface Params {
  readonly prompt: string;
  readonly negativePrompt: string;
  /** 0..1: how much of the sketch is painted over. At 1 all of it, so that only `control` can say what it shows. */
  readonly strength: number;
  /** UNet calls a picture. */
  readonly steps: number;
  /** The server may go down to this many steps under load. */
  readonly minSteps: number;
  /** How hard the picture is pulled toward the prompt; 1 is not at all. */
  readonly guidance: number;
  /** 0..2: how strongly the sketch controls the picture; 0 is not at all. Only some models take it. */
  readonly control: number;
  /** uint32; the same seed gives the same noise. */
  readonly seed: number;
  /** Whether an early picture is sent ahead of the final one. */
  readonly preview: boolean;
  /** 0..1: frames at least this alike count as unchanged; 1 means the same bytes only. */
  readonly similarity: number;
  /** JPEG quality of the images, 1..100. */
  readonly quality: number;
}

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
export const ANY_CONTROL: Range = { min: 0, max: 2, step: 0.05 };

export const DEFAULT_RANGES: Ranges = Object.freeze({
  prompt: { maxLength: 1_000 },
  strength: { min: 0.05, max: 1, step: 0.01 },
  steps: { min: 1, max: 8, step: 1 },
  minSteps: { min: 1, max: 8, step: 1 },
  guidance: { min: 1, max: 15, step: 0.1 },
  seed: { min: 0, max: 0xffffffff, step: 1 },
  similarity: { min: 0.5, max: 1, step: 0.001 },
  quality: { min: 30, max: 95, step: 1 },
});

export const DEFAULT_PARAMS: Params = Object.freeze({
  prompt: '',
  negativePrompt: '',
  strength: 0.6,
  steps: 2,
  minSteps: 1,
  guidance: 4,
  control: 1,
  seed: 1,
  preview: false,
  similarity: 1,
  quality: 85,
});

const NUMERIC: readonly NumericParam[] = [
  'strength',
  'steps',
  'minSteps',
  'guidance',
  'control',
  'seed',
  'similarity',
  'quality',
];
const INTEGER: ReadonlySet<string> = new Set<NumericParam>(['steps', 'minSteps', 'seed', 'quality']);
const TEXT = ['prompt', 'negativePrompt'] as const;

/** Numbers are clamped to their range, and whole-numbered ones rounded. A longer prompt than the range is an error: silently cutting words would lie. */
function clampNumber(name: NumericParam, value: number, ranges: Ranges): number {
  const { min, max } = ranges[name] ?? ANY_CONTROL;
  const whole = INTEGER.has(name) ? Math.round(value) : value;
  return Math.min(max, Math.max(min, whole));
}

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
  const next: { -readonly [K in keyof Params]: Params[K] } = { ...current };
  for (const name of TEXT) {
    const value = given[name];
    if (value === undefined) continue;
    if (typeof value !== 'string') throw new ParamsError(`${name} must be a string`);
    if (value.length > ranges.prompt.maxLength) {
      throw new ParamsError(`${name} has ${value.length} characters; at most ${ranges.prompt.maxLength} are taken`);
    }
    next[name] = value;
  }
  for (const name of NUMERIC) {
    const value = given[name];
    if (value === undefined) continue;
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new ParamsError(`${name} must be a finite number`);
    next[name] = clampNumber(name, value, ranges);
  }
  if (given['preview'] !== undefined) {
    if (typeof given['preview'] !== 'boolean') throw new ParamsError('preview must be true or false');
    next.preview = given['preview'];
  }
  next.minSteps = Math.min(next.minSteps, next.steps);
  return Object.freeze(next);
}

/** Whether two sets of parameters ask for the same picture, byte for byte. */
export function sameParams(a: Params, b: Params): boolean {
  return (Object.keys(a) as (keyof Params)[]).every((key) => a[key] === b[key]);
}
