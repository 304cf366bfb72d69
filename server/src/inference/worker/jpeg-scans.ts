/*
 * The headers of a JPEG tell the cost of decoding it: a progressive one visits all its blocks in every scan, and a scan
 * needs only a few bytes. Markers as in ITU-T T.81, annex B.
 */

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
/** Frame headers are C0 to CF, except these three, which are tables. */
const TABLES = [0xc4, 0xc8, 0xcc];
const BLOCK = 8;

/** Whether these bytes begin like a JPEG. */
export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === SOI;
}

/**
 * Blocks of 8 x 8 pixels that all scans of a JPEG visit, each component counted at full size.
 *
 * @returns 0 without a frame header; other formats are not detected here
 */
export function blockVisits(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let [blocks, visits] = [0, 0];
  // From marker to marker after the start. The bytes between markers are scans, or stray.
  for (let at = bytes.indexOf(0xff, 2); at >= 0 && at + 10 <= bytes.length; at = bytes.indexOf(0xff, at)) {
    const marker = bytes[at + 1]!;
    if (marker === EOI) break;
    if (!hasLength(marker)) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    if (marker === SOS) visits += bytes[at + 4]! * blocks;
    if (marker >= 0xc0 && marker <= 0xcf && !TABLES.includes(marker)) {
      blocks = Math.ceil(view.getUint16(at + 5) / BLOCK) * Math.ceil(view.getUint16(at + 7) / BLOCK);
    }
    at += 2 + view.getUint16(at + 2);
  }
  return visits;
}

/** True except for stuffed bytes, padding, restarts within a scan, and the start. */
function hasLength(marker: number): boolean {
  return marker > 1 && marker < 0xff && !(marker >= 0xd0 && marker <= SOI);
}
