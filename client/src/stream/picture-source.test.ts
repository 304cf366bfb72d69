import { describe, expect, it } from 'vitest';
import { pictureSource } from './picture-source.js';

/** Left half red, right half blue. A crop to a square removes the bands above and below. */
function tallCanvas(): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = 100;
  canvas.height = 300;
  const context = canvas.getContext('2d')!;
  context.fillRect(0, 0, 100, 300);
  context.fillStyle = '#ff0000';
  context.fillRect(0, 100, 50, 100);
  context.fillStyle = '#0000ff';
  context.fillRect(50, 100, 50, 100);
  return canvas;
}

async function pixels(jpeg: Uint8Array): Promise<{ width: number; at: (x: number, y: number) => number[] }> {
  const bitmap = await createImageBitmap(new Blob([jpeg as Uint8Array<ArrayBuffer>]));
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  return { width: bitmap.width, at: (x, y) => [...context.getImageData(x, y, 1, 1).data.subarray(0, 3)] };
}

const isRed = ([red, , blue]: number[]) => red! > 200 && blue! < 60;
const isBlue = ([red, , blue]: number[]) => blue! > 200 && red! < 60;

describe('pictureSource', () => {
  it('crops about the centre to the requested shape, and scales', async () => {
    const frame = await pixels((await pictureSource(tallCanvas()).capture({ width: 64, height: 64 }))!);
    expect(frame.width).toBe(64);
    for (const y of [4, 60]) {
      expect(isRed(frame.at(10, y))).toBe(true);
      expect(isBlue(frame.at(54, y))).toBe(true);
    }
  });

  it('mirrors if requested', async () => {
    const source = pictureSource(tallCanvas(), { mirrored: () => true });
    const frame = await pixels((await source.capture({ width: 64, height: 64 }))!);
    expect(isBlue(frame.at(10, 32))).toBe(true);
    expect(isRed(frame.at(54, 32))).toBe(true);
  });

  it('captures nothing from a video without a picture', async () => {
    expect(await pictureSource(document.createElement('video')).capture({ width: 64, height: 64 })).toBeNull();
  });
});
