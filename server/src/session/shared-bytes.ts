import { encodeMessage, type ServerMessage } from '@underpaint/shared';

const encoded = new WeakMap<ServerMessage, Uint8Array>();

/** Bytes of a message that goes to many members of a room: the same object is encoded once. */
export function encodeSharedMessage(message: ServerMessage): Uint8Array {
  const known = encoded.get(message);
  if (known) return known;
  const bytes = encodeMessage(message);
  encoded.set(message, bytes);
  return bytes;
}
