import * as v from 'valibot';

/*
 * Fields of the JSON files of a model folder. One definition gives the type, the check and the words for the allowed
 * values; `explain` makes the error message. Every field is optional, and null means missing, as in Python.
 */

export type Fields = Readonly<Record<string, unknown>>;

/** Any number but NaN and the infinities. */
export const real = (allowed = 'a number') => v.pipe(v.number(allowed), v.finite(allowed));

export const above = (least: number) =>
  v.pipe(real(`a number above ${least}`), v.gtValue(least, `a number above ${least}`));

export function between(least: number, most: number) {
  const allowed = `a number from ${least} to ${most}`;
  return v.pipe(real(allowed), v.minValue(least, allowed), v.maxValue(most, allowed));
}

/** Neither 0 nor 1. */
export function share() {
  const allowed = 'a number above 0, and below 1';
  return v.pipe(real(allowed), v.gtValue(0, allowed), v.ltValue(1, allowed));
}

export function atLeast(least: number) {
  const allowed = `a number from ${least} up`;
  return v.pipe(real(allowed), v.minValue(least, allowed));
}

export function whole(least: number, most = 1e6) {
  const allowed = `a whole number from ${least} to ${most}`;
  return v.pipe(real(allowed), v.integer(allowed), v.minValue(least, allowed), v.maxValue(most, allowed));
}

export const flag = () => v.boolean('true or false');

/** A colour as HTML writes it, such as #ffffff. */
export function colour() {
  const allowed = 'a colour such as #ffffff';
  return v.pipe(v.string(allowed), v.regex(/^#[0-9a-fA-F]{6}$/, allowed));
}

export const text = () => v.string('a text');

export const texts = () => v.array(text(), 'a list of texts');

/** A list of at most `most` texts of at most so many characters. */
export function shortTexts({ most, characters }: { readonly most: number; readonly characters: number }) {
  const allowed = `a list of at most ${most} texts of at most ${characters} characters`;
  const item = v.pipe(v.string(allowed), v.maxLength(characters, `a text of at most ${characters} characters`));
  return v.pipe(v.array(item, allowed), v.maxLength(most, allowed));
}

export function oneOf<const Options extends readonly string[]>(...options: Options) {
  return v.picklist(options, options.join(' or '));
}

export const numbers = () => v.pipe(v.array(real(), 'a list of numbers'), v.minLength(1, 'a list of numbers'));

/** A setting of diffusers of which one value is served; `because` says why, or what to do. */
export function only<const Value extends string | boolean>(value: Value, because: string) {
  return v.optional(v.literal(value, `${value}: ${because}`), value);
}

type FieldsOf<Entries extends v.ObjectEntries> = v.InferOutput<v.LooseObjectSchema<Entries, string>>;

/** A rule for one field in relation to the others; `allowed` describes its values. */
export interface Rule<Of> {
  readonly field: string;
  readonly holds: (fields: Of) => boolean;
  readonly allowed: string;
}

/** An object with these fields among others. */
export function record<Entries extends v.ObjectEntries>(
  entries: Entries,
  ...rules: readonly Rule<FieldsOf<Entries>>[]
): v.GenericSchema<unknown, FieldsOf<Entries>> {
  const checked = v.looseObject<Entries, string>(entries, 'an object');
  return v.pipe(object(), v.transform(withoutNulls), checked, v.rawCheck(ruleCheck(rules))) as v.GenericSchema<
    unknown,
    FieldsOf<Entries>
  >;
}

/** An object, as it is written: nulls stay. */
export const object = () => v.custom<Fields>(isObject, 'an object');

/** An object whose keys are data, not fields. */
export function dictionary<Value extends v.GenericSchema>(value: Value) {
  return v.pipe(object(), v.record(v.string(), value));
}

function ruleCheck<Of>(rules: readonly Rule<Of>[]) {
  return ({ dataset, addIssue }: v.RawCheckContext<Of>): void => {
    const broken = dataset.typed ? rules.find(({ holds }) => !holds(dataset.value)) : undefined;
    if (!broken) return;
    const input = dataset.value as Record<string, unknown>;
    const [key, value] = [broken.field, input[broken.field]];
    addIssue({
      message: broken.allowed,
      input: value,
      path: [{ type: 'object', origin: 'value', input, key, value }],
    });
  };
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutNulls(fields: Fields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

/** A class as diffusers writes it; in a list, the folder's own module comes first. */
export const className = () =>
  v.pipe(
    v.union([v.string(), v.array(v.string())], 'the name of a class'),
    v.transform((name) => (typeof name === 'string' ? name : (name.at(-1) ?? ''))),
  );

/** One line: the field, its value, and the allowed values. */
export function explain(issue: v.BaseIssue<unknown>): string {
  const field = v.getDotPath(issue);
  // Schemas without our own words have those of the library.
  const allowed = issue.message.startsWith('Invalid ') ? (issue.expected ?? issue.message) : issue.message;
  return field === null ? `it must be ${allowed}` : `${field} is ${shown(issue.input)}; it must be ${allowed}`;
}

const SHOWN_CHARACTERS = 60;

function shown(value: unknown): string {
  const whole = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'missing');
  return whole.length > SHOWN_CHARACTERS ? `${whole.slice(0, SHOWN_CHARACTERS)}...` : whole;
}
