import { Packr } from 'msgpackr';
import { ProtocolError } from './errors.js';
import type { ClientMessage, FrameMessage, HelloMessage, ServerMessage } from './protocol.js';
import { DOC_KINDS, type DocMessage, type RoleRequestMessage } from './room-messages.js';
import { scan } from './scan.js';

const packr = new Packr({ useRecords: false, int64AsType: 'number' });

/** One message as the bytes of one WebSocket message. */
export function encodeMessage(message: ClientMessage | ServerMessage): Uint8Array<ArrayBuffer> {
  return packr.pack(message) as Uint8Array<ArrayBuffer>;
}

type Fields = Readonly<Record<string, unknown>>;

/** What the bytes say, a map with a `type`; its `bin` fields share the memory of `bytes`. */
function unpackFields(bytes: Uint8Array): Fields & { readonly type: string } {
  scan(bytes);
  let value: unknown;
  try {
    value = packr.unpack(bytes);
  } catch (cause) {
    throw new ProtocolError('not a MessagePack message', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    throw new ProtocolError('a message must be a map');
  }
  const fields = value as Fields;
  if (typeof fields['type'] !== 'string') throw new ProtocolError('a message must have a `type`');
  return fields as Fields & { readonly type: string };
}

/**
 * Reads one message from a client: the server's edge.
 *
 * @throws ProtocolError when the bytes are not exactly one message of a known type with fields of the right kind.
 *   The contents of `params` are left to `applyParams`, whose errors do not end the session.
 */
export function decodeClientMessage(bytes: Uint8Array): ClientMessage {
  const fields = unpackFields(bytes);
  switch (fields.type) {
    case 'hello':
      return decodeHello(fields);
    case 'params':
      return { type: 'params', params: (fields['params'] ?? null) as never };
    case 'frame':
      return decodeFrame(fields);
    case 'ack':
      return { type: 'ack', id: uint32(fields, 'id') };
    case 'doc':
      return decodeDoc(fields);
    case 'presence':
      return { type: 'presence', data: binary(fields) };
    case 'role':
      return decodeRoleRequest(fields);
    default:
      throw new ProtocolError(`unknown message type "${fields.type.slice(0, 32)}"`);
  }
}

function decodeHello(fields: Fields): HelloMessage {
  const hello: { -readonly [K in keyof HelloMessage]: HelloMessage[K] } = { type: 'hello' };
  for (const name of ['token', 'resume', 'room', 'role', 'client'] as const) {
    const value = fields[name];
    if (value === undefined) continue;
    if (typeof value !== 'string') throw new ProtocolError(`hello.${name} must be a string`);
    hello[name] = value;
  }
  if (fields['doc'] !== undefined) hello.doc = uint32(fields, 'doc');
  return hello;
}

function decodeDoc(fields: Fields): DocMessage {
  const kind = DOC_KINDS.find((known) => known === fields['kind']);
  if (kind === undefined) throw new ProtocolError(`doc.kind must be one of ${DOC_KINDS.join(', ')}`);
  return { type: 'doc', kind, data: binary(fields), ...(fields['more'] === true ? { more: true } : {}) };
}

function decodeRoleRequest(fields: Fields): RoleRequestMessage {
  const { locked, presenter } = fields;
  if (locked !== undefined && typeof locked !== 'boolean') throw new ProtocolError('role.locked must be true or false');
  return {
    type: 'role',
    ...(locked === undefined ? {} : { locked }),
    ...(presenter === undefined ? {} : { presenter: presenter === null ? null : uint32(fields, 'presenter') }),
  };
}

function binary(fields: Fields): Uint8Array {
  const data = fields['data'];
  if (!(data instanceof Uint8Array)) throw new ProtocolError(`${String(fields['type'])}.data must be binary`);
  return data;
}

function decodeFrame(fields: Fields): FrameMessage {
  const { at, doc, camera } = fields;
  const frame = { type: 'frame', seq: uint32(fields, 'seq'), data: binary(fields) } as const;
  if (at !== undefined && (typeof at !== 'number' || !Number.isFinite(at))) {
    throw new ProtocolError('frame.at must be a finite number');
  }
  if (camera !== undefined && typeof camera !== 'boolean') {
    throw new ProtocolError('frame.camera must be true or false');
  }
  if (doc === undefined && camera === undefined) return at === undefined ? frame : { ...frame, at };
  return {
    ...frame,
    ...(at === undefined ? {} : { at }),
    ...(doc === undefined ? {} : { doc: uint32(fields, 'doc') }),
    ...(camera === undefined ? {} : { camera }),
  };
}

function uint32(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 0xffffffff) {
    throw new ProtocolError(`${name} must be a whole number from 0 to 4294967295`);
  }
  return value;
}

const SERVER_TYPES: ReadonlySet<string> = new Set<ServerMessage['type']>([
  'welcome',
  'params',
  'image',
  'dropped',
  'error',
  'waiting',
  'bye',
  'doc',
  'presence',
  'role',
  'member',
  'notice',
  'upload',
]);

/**
 * Reads one message from the server: the client's edge. The client chose its server, so only the frame of the message
 * and what the stream depends on are checked.
 *
 * @returns null for a type this client does not know, which it must ignore
 * @throws ProtocolError
 */
export function decodeServerMessage(bytes: Uint8Array): ServerMessage | null {
  const fields = unpackFields(bytes);
  if (!SERVER_TYPES.has(fields.type)) return null;
  if (fields.type === 'image') {
    uint32(fields, 'id');
    uint32(fields, 'seq');
  }
  if (fields.type === 'image' || fields.type === 'doc' || fields.type === 'presence') binary(fields);
  return fields as unknown as ServerMessage;
}
