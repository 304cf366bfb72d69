import { open } from 'node:fs/promises';
import { GRAPH_UNUSED } from './fields.js';

/** Bytes that one read may ask for. */
const MOST_AT_ONCE = 1 << 30;
const BYTES_FIELD = 2;

/**
 * A model file with a message appended, in one buffer. The inputs at these bytes are no longer inputs: the number of their
 * field is overwritten by one that readers skip, which moves nothing.
 */
export async function splicedModel(
  path: string,
  addition: Uint8Array,
  hiddenAt: readonly number[],
): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const model = new Uint8Array(size + addition.length);
    for (let position = 0; position < size;) {
      const length = Math.min(MOST_AT_ONCE, size - position);
      const { bytesRead } = await file.read({ buffer: model, offset: position, length, position });
      if (bytesRead === 0) break;
      position += bytesRead;
    }
    model.set(addition, size);
    for (const at of hiddenAt) model[at] = 8 * GRAPH_UNUSED + BYTES_FIELD;
    return model;
  } finally {
    await file.close();
  }
}
