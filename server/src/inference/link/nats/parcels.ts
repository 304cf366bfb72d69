/**
 * What a link over a broker sends. A message is cut into parcels that the broker can carry.
 *
 * byte 0: the kind; 1..4: number of the parcel, or of the last one sent; 5..8: number of the last one received; then the
 * content. Numbers begin with 1 and are big-endian.
 */
export interface Parcel {
  readonly kind: ParcelKind;
  readonly number: number;
  readonly received: number;
  readonly content: Uint8Array;
}

/** `part`: more of the message follows. `last`: it is complete. `beat`: a sign of life. `end`: the link ends. */
export type ParcelKind = (typeof KINDS)[number];

const KINDS = ['part', 'last', 'beat', 'end'] as const;

const HEAD_BYTES = 9;

const NOTHING = new Uint8Array(0);

export function encodeParcel({ kind, number, received, content = NOTHING }: Omit<Parcel, 'content'> & Partial<Parcel>) {
  const bytes = new Uint8Array(HEAD_BYTES + content.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, KINDS.indexOf(kind));
  view.setUint32(1, number);
  view.setUint32(5, received);
  bytes.set(content, HEAD_BYTES);
  return bytes;
}

/** @returns undefined for bytes that are not a parcel; the content shares their memory */
export function decodeParcel(bytes: Uint8Array): Parcel | undefined {
  const kind = KINDS[bytes[0] ?? KINDS.length];
  if (bytes.length < HEAD_BYTES || kind === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { kind, number: view.getUint32(1), received: view.getUint32(5), content: bytes.subarray(HEAD_BYTES) };
}
