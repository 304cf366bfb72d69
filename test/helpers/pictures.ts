import sharp from 'sharp';

/** A flat JPEG with another colour for each number: a valid frame. */
export function frameJpeg(n: number, size = 256): Promise<Buffer> {
  const background = { r: (n * 37) % 256, g: (n * 91) % 256, b: (n * 53) % 256 };
  return sharp({ create: { width: size, height: size, channels: 3, background } })
    .jpeg()
    .toBuffer();
}
