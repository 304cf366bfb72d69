import { ProtocolError, unpack } from '@underpaint/shared';
import * as v from 'valibot';

/** Names that become part of a subject. */
export const NameSchema = v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/));

/** @returns the message in these bytes; undefined if they are not one: anybody on the broker may send anything */
export function parseMessage<Schema extends v.GenericSchema>(
  schema: Schema,
  bytes: Uint8Array,
): v.InferOutput<Schema> | undefined {
  const parsed = v.safeParse(schema, unpacked(bytes));
  return parsed.success ? parsed.output : undefined;
}

function unpacked(bytes: Uint8Array): unknown {
  try {
    return unpack(bytes);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
