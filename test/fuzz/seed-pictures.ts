import sharp from 'sharp';

/** A small picture in every accepted form: baseline and progressive, grey, with alpha, rotated. */
export async function seedPictures(): Promise<Uint8Array[]> {
  const [width, height] = [48, 40];
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7 + (i % 13) * 31) % 256);
  const picture = () => sharp(pixels, { raw: { width, height, channels: 3 } });
  return Promise.all([
    picture().jpeg({ quality: 60 }).toBuffer(),
    picture().jpeg({ progressive: true, chromaSubsampling: '4:4:4' }).toBuffer(),
    picture().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    picture().greyscale().jpeg().toBuffer(),
    picture().toColourspace('cmyk').jpeg().toBuffer(),
    picture().png().toBuffer(),
    picture().png({ progressive: true }).toBuffer(),
    picture().png({ palette: true, colours: 16 }).toBuffer(),
    picture().ensureAlpha(0.5).png().toBuffer(),
    picture().greyscale().toColourspace('grey16').png().toBuffer(),
    picture().webp({ quality: 60 }).toBuffer(),
    picture().webp({ lossless: true }).toBuffer(),
    picture().ensureAlpha(0.5).webp().toBuffer(),
  ]);
}
