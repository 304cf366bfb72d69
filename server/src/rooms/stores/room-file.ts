import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { RoomRecord, SavedImage } from './room-store.js';

/*
 * A room as bytes: a line of JSON that says what it is and how long it is, then the document, then the last picture. The
 * digest in the line tells a file that was cut short or changed.
 */

const FORMAT = 'underpaint-room-1';

const HeaderSchema = v.object({
  format: v.literal(FORMAT),
  sha256: v.string(),
  docBytes: v.number(),
  params: v.looseObject({}),
  isLocked: v.boolean(),
  image: v.nullable(
    v.object({ width: v.number(), height: v.number(), step: v.number(), steps: v.number(), flagged: v.boolean() }),
  ),
});

export function encodeRoomFile({ doc, params, isLocked, image }: RoomRecord): Buffer {
  const body = Buffer.concat([doc, image?.data ?? new Uint8Array()]);
  const header: v.InferOutput<typeof HeaderSchema> = {
    format: FORMAT,
    sha256: digest(body),
    docBytes: doc.length,
    params: { ...params },
    isLocked,
    image: image ? aboutOf(image) : null,
  };
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body]);
}

function aboutOf({ width, height, step, steps, flagged }: SavedImage): Omit<SavedImage, 'data'> {
  return { width, height, step, steps, flagged };
}

/** @throws Error saying what is wrong with the bytes */
export function decodeRoomFile(bytes: Buffer): RoomRecord {
  const end = bytes.indexOf('\n');
  const { sha256, docBytes, params, isLocked, image } = readHeader(bytes.subarray(0, Math.max(0, end)).toString());
  const body = bytes.subarray(end + 1);
  if (digest(body) !== sha256) throw new Error('it is cut short, or was changed');
  // A copy: the picture is kept, and the rest is not.
  const data = Buffer.from(body.subarray(docBytes));
  return { doc: body.subarray(0, docBytes), params, isLocked, image: image ? { ...image, data } : undefined };
}

function readHeader(line: string): v.InferOutput<typeof HeaderSchema> {
  let header: unknown;
  try {
    header = JSON.parse(line);
  } catch (cause) {
    throw new Error('it does not begin as the file of a room', { cause });
  }
  const result = v.safeParse(HeaderSchema, header);
  if (!result.success) throw new Error(`its first line is wrong: ${v.summarize(result.issues)}`);
  return result.output;
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
