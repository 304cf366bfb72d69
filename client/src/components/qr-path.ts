import { encodeQR } from 'qr';

export interface QrCode {
  /** Number of modules along a side. */
  readonly size: number;
  /** The dark modules, as the `d` of an SVG path. */
  readonly path: string;
}

export function qrCode(text: string): QrCode {
  const rows = encodeQR(text, 'raw', { border: 2, ecc: 'low' });
  const dark = rows.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : [])));
  return { size: rows.length, path: dark.join('') };
}
