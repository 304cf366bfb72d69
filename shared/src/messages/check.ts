import { ProtocolError } from '../errors.js';
import type { CheckedKind, Definitions, Shape } from './definition.js';

export type Fields = Readonly<Record<string, unknown>>;

/** A field as the decoder goes through them. */
export interface Field<K> {
  readonly name: string;
  readonly kind: K;
  readonly isOptional: boolean;
}

/** The fields of each message by its type, required ones first. */
export function fieldsByType<K>(definitions: readonly Definitions<K>[]): Map<string, readonly Field<K>[]> {
  return new Map(
    definitions
      .flatMap(Object.entries<Shape<K>>)
      .map(([type, { fields, optional = {} }]) => [type, [...listOf(fields, false), ...listOf(optional, true)]]),
  );
}

function listOf<K>(fields: Readonly<Record<string, K>>, isOptional: boolean): Field<K>[] {
  return Object.entries(fields).map(([name, kind]) => ({ name, kind, isOptional }));
}

export function isUint32(value: unknown): boolean {
  return typeof value === 'number' && value >>> 0 === value;
}

/** @returns whether a value is of a kind */
export function fits(value: unknown, kind: CheckedKind): boolean {
  switch (kind) {
    case 'uint32':
      return isUint32(value);
    case 'binary':
      return value instanceof Uint8Array;
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'text':
      return typeof value === 'string';
    case 'patch':
      return true;
  }
  if ('oneOf' in kind) return (kind.oneOf as readonly unknown[]).includes(value);
  if ('nullable' in kind) return value === null || fits(value, kind.nullable);
  return value instanceof Uint8Array && value.length <= kind.maxBytes;
}

const WORDS = {
  uint32: 'a whole number from 0 to 4294967295',
  number: 'a finite number',
  boolean: 'true or false',
  text: 'a string',
  binary: 'binary',
  patch: 'a map',
} as const;

/** The error for a field that is not of its kind. */
export function wrongField(type: string, { name, kind }: Field<CheckedKind>): ProtocolError {
  return new ProtocolError(`${type}.${name} must be ${inWords(kind)}`);
}

function inWords(kind: CheckedKind): string {
  if (typeof kind === 'string') return WORDS[kind];
  if ('oneOf' in kind) return `one of ${kind.oneOf.join(', ')}`;
  if ('nullable' in kind) return `${WORDS[kind.nullable]}, or null`;
  return `binary of at most ${kind.maxBytes} bytes`;
}
