import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { RoomRecord, SavedImage } from './room-store.js';

/*
 * A room as bytes: a line of JSON with the format, the parameters and the lengths, then the drawing, then the last image. The
 * digest in the line detects a file that was cut short or changed.
 */

const FORMAT = 'underpaint-room-2';

const HeaderSchema = v.object({
  format: v.literal(FORMAT),
  sha256: v.string(),
  drawingBytes: v.number(),
  params: v.looseObject({}),
  isLocked: v.boolean(),
  guests: v.optional(v.array(v.string())),
  image: v.nullable(
    v.object({ width: v.number(), height: v.number(), step: v.number(), steps: v.number(), flagged: v.boolean() }),
  ),
});

export function encodeRoomFile({ drawing, params, isLocked, guests, image }: RoomRecord): Buffer {
  const body = Buffer.concat([drawing, image?.data ?? new Uint8Array()]);
  const header: v.InferOutput<typeof HeaderSchema> = {
    format: FORMAT,
    sha256: digest(body),
    drawingBytes: drawing.length,
    params: { ...params },
    isLocked,
    ...(guests && { guests: [...guests] }),
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
  const { sha256, drawingBytes, image, ...rest } = readHeader(bytes.subarray(0, Math.max(0, end)).toString());
  const body = bytes.subarray(end + 1);
  if (digest(body) !== sha256) throw new Error('it is cut short, or was changed');
  // A copy, because the image is kept longer than the rest of the file.
  const data = Buffer.from(body.subarray(drawingBytes));
  const { params, isLocked, guests } = rest;
  const drawing = body.subarray(0, drawingBytes);
  return { drawing, params, isLocked, guests, image: image ? { ...image, data } : undefined };
}

function readHeader(line: string): v.InferOutput<typeof HeaderSchema> {
  let header: unknown;
  try {
    header = JSON.parse(line);
  } catch (cause) {
    throw new Error('it does not begin like the file of a room', { cause });
  }
  const result = v.safeParse(HeaderSchema, header);
  if (!result.success) throw new Error(`its first line is wrong: ${v.summarize(result.issues)}`);
  return result.output;
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
