import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { MAX_LAYER_NAME, type Layer } from '../drawing/layers.js';

const LEVELS = 255;

/** Encodes a layer for a shared drawing. */
export function encodeLayer({ id, name, isHidden, opacity }: Layer): Uint8Array {
  const to = encoding.createEncoder();
  encoding.writeVarUint(to, id);
  encoding.writeVarString(to, name.slice(0, MAX_LAYER_NAME));
  encoding.writeUint8(to, isHidden ? 1 : 0);
  encoding.writeUint8(to, Math.round(opacity * LEVELS));
  return encoding.toUint8Array(to);
}

/** @returns null for bytes that `encodeLayer` did not make */
export function decodeLayer(bytes: Uint8Array): Layer | null {
  try {
    const from = decoding.createDecoder(bytes);
    const layer = {
      id: decoding.readVarUint(from),
      name: decoding.readVarString(from).slice(0, MAX_LAYER_NAME),
      isHidden: decoding.readUint8(from) === 1,
      opacity: decoding.readUint8(from) / LEVELS,
    };
    return from.pos === bytes.length ? layer : null;
  } catch {
    return null;
  }
}
