import { ProtocolError } from './errors.js';
import { fieldsByType, fits, isUint32, wrongField, type Field, type Fields } from './messages/check.js';
import type { CheckedKind, Kind } from './messages/definition.js';
import { FROM_CLIENT, FROM_SERVER, type ClientMessage, type ServerMessage } from './messages/messages.js';
import { pack, type Bytes } from './pack.js';
import { unpack } from './unpack.js';

/** Encodes one message as the bytes of one WebSocket message. */
export function encodeMessage(message: ClientMessage | ServerMessage): Bytes {
  return pack(message);
}

/** Unpacks a map with a `type`. Its binary fields share the memory of `bytes`. */
function unpackFields(bytes: Uint8Array): Fields & { readonly type: string } {
  const value = unpack(bytes);
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    throw new ProtocolError('a message must be a map');
  }
  const fields = value as Fields;
  if (typeof fields['type'] !== 'string') throw new ProtocolError('a message must have a `type`');
  return fields as Fields & { readonly type: string };
}

const clientFields = /* @__PURE__ */ fieldsByType<CheckedKind>(FROM_CLIENT);

/**
 * Decodes one message from a client, with all fields checked and unknown fields left out.
 *
 * @throws ProtocolError unless the bytes are exactly one message of a known type with fields of the right kinds.
 *   The contents of `params` are left to `applyParams`, whose errors do not end the session.
 */
export function decodeClientMessage(bytes: Uint8Array): ClientMessage {
  const message = unpackFields(bytes);
  const known = clientFields.get(message.type);
  if (!known) throw new ProtocolError(`unknown message type "${message.type.slice(0, 32)}"`);
  const decoded: Record<string, unknown> = { type: message.type };
  for (const field of known) {
    const value = message[field.name];
    if (value === undefined && field.isOptional) continue;
    if (!fits(value, field.kind)) throw wrongField(message.type, field);
    decoded[field.name] = value;
  }
  return decoded as unknown as ClientMessage;
}

/** Only these kinds are checked: a later server may use new words, and the client chose its server. */
const serverFields = new Map(
  [...fieldsByType<Kind>(FROM_SERVER)].map(([type, fields]) => [type, fields.filter(isCheckedByClient)]),
);

function isCheckedByClient(field: Field<Kind>): field is Field<'uint32' | 'binary'> {
  return field.kind === 'uint32' || field.kind === 'binary';
}

/**
 * Decodes one message from the server. Only whole numbers and binary fields are checked.
 *
 * @returns null for a type this client does not know, which it must ignore
 * @throws ProtocolError
 */
export function decodeServerMessage(bytes: Uint8Array): ServerMessage | null {
  const message = unpackFields(bytes);
  const checked = serverFields.get(message.type);
  if (!checked) return null;
  for (const field of checked) {
    const value = message[field.name];
    if (value === undefined && field.isOptional) continue;
    // Not `fits`: it would bring the checks of all other kinds into every page.
    const isRight = field.kind === 'uint32' ? isUint32(value) : value instanceof Uint8Array;
    if (!isRight) throw new ProtocolError(`${message.type}.${field.name} must be ${field.kind}`);
  }
  return message as unknown as ServerMessage;
}
