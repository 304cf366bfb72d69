import type { Params, ParamsPatch, Ranges } from '../params.js';

/*
 * A message is defined once, as plain data: its TypeScript type, its decoder and its row in docs/PROTOCOL.md all come from
 * that definition. To add a message, add a definition; the compiler then asks for a handler on the side that receives it.
 */

/** Kinds of fields by name, and the types of their values. */
interface Named {
  /** A whole number from 0 to 4294967295. */
  readonly uint32: number;
  /** A finite number. */
  readonly number: number;
  readonly boolean: boolean;
  readonly text: string;
  /** Shares the memory of the decoded message. */
  readonly binary: Uint8Array;
  /** Some parameters. `applyParams` checks them, because its errors do not end the session. */
  readonly patch: ParamsPatch;
  /** All parameters. */
  readonly params: Params;
  readonly ranges: Ranges;
}

/** Kinds of fields that a decoder checks. */
export type CheckedKind =
  | 'uint32'
  | 'number'
  | 'boolean'
  | 'text'
  | 'binary'
  | 'patch'
  /** Binary, with a limit in bytes. */
  | { readonly maxBytes: number }
  | { readonly oneOf: readonly (string | number | boolean)[] }
  | { readonly nullable: 'uint32' };

/** Kinds of fields. The server may also send nested values; a client trusts the server it chose and does not check them. */
export type Kind = CheckedKind | keyof Named | { readonly listOf: Kind } | Shape;

/** Required and optional fields of a map. */
export interface Shape<K = unknown> {
  readonly fields: Readonly<Record<string, K>>;
  readonly optional?: Readonly<Record<string, K>>;
}

/** Messages by type. The comment on each message is its text in docs/PROTOCOL.md. */
export type Definitions<K = Kind> = Readonly<Record<string, Shape<K>>>;

type ValueOf<K> = K extends keyof Named
  ? Named[K]
  : K extends { readonly maxBytes: number }
    ? Uint8Array
    : K extends { readonly oneOf: readonly (infer Word)[] }
      ? Word
      : K extends { readonly nullable: infer Inner }
        ? ValueOf<Inner> | null
        : K extends { readonly listOf: infer Item }
          ? readonly ValueOf<Item>[]
          : K extends Shape
            ? MapOf<K>
            : never;

type MapOf<S extends Shape> = { readonly [Name in keyof S['fields']]: ValueOf<S['fields'][Name]> } & (S extends {
  readonly optional: infer Optional;
}
  ? { readonly [Name in keyof Optional]?: ValueOf<Optional[Name]> }
  : unknown);

/** The messages of a set of definitions, by type. */
export type MessagesOf<D extends Definitions> = {
  readonly [Type in keyof D]: { readonly type: Type } & MapOf<D[Type]>;
};
