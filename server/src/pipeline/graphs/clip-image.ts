import type { PreprocessorConfig } from '../folder/folder-files.js';
import type { Size } from './pixels.js';

/** How a CLIP vision model takes a picture. */
export interface ClipView {
  /** Pixels of both edges. */
  readonly edge: number;
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

const CLIP_EDGE = 224;
const CLIP_MEAN = [0.48145466, 0.4578275, 0.40821073];
const CLIP_DEVIATION = [0.26862954, 0.26130258, 0.27577711];

/** As the folder configures it; CLIP's own values are the defaults. */
export function clipViewOf({ crop_size: crop, image_mean: mean, image_std: deviation }: PreprocessorConfig): ClipView {
  const edge = (typeof crop === 'object' ? (crop.height ?? crop.shortest_edge) : crop) ?? CLIP_EDGE;
  return { edge, mean: mean ?? CLIP_MEAN, deviation: deviation ?? CLIP_DEVIATION };
}

/**
 * The middle of a picture, its shorter edge scaled to `edge`, normalised.
 *
 * @param picture RGB, `height * width * 3` bytes
 * @returns [3, edge, edge]
 */
export function clipImage(picture: Uint8Array, { width, height }: Size, view: ClipView): Float32Array {
  const { edge, mean, deviation } = view;
  const scale = Math.min(width, height) / edge;
  const columns = resampling({ from: width, scale, edge });
  const rows = resampling({ from: height, scale, edge });
  // Columns first: a picture of `edge` columns with all its rows.
  const narrow = new Float32Array(height * edge * 3);
  for (let y = 0; y < height; y++) {
    columns.forEach(({ first, weights }, x) => {
      for (let channel = 0; channel < 3; channel++) {
        const at = (y * width + first) * 3 + channel;
        narrow[(y * edge + x) * 3 + channel] = sum(weights, (i) => picture[at + i * 3]!);
      }
    });
  }
  const out = new Float32Array(3 * edge * edge);
  rows.forEach(({ first, weights }, y) => {
    for (let x = 0; x < edge; x++) {
      for (let channel = 0; channel < 3; channel++) {
        const at = (first * edge + x) * 3 + channel;
        const value = sum(weights, (i) => narrow[at + i * edge * 3]!);
        const byte = Math.min(255, Math.max(0, Math.round(value)));
        out[(channel * edge + y) * edge + x] = (byte / 255 - mean[channel]!) / deviation[channel]!;
      }
    }
  });
  return out;
}

function sum(weights: readonly number[], valueAt: (i: number) => number): number {
  let total = 0;
  for (let i = 0; i < weights.length; i++) total += weights[i]! * valueAt(i);
  return total;
}

/** The inputs of one output, and their weights. */
interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

interface Resampling {
  /** Inputs. */
  readonly from: number;
  /** Inputs for each output. */
  readonly scale: number;
  /** Outputs, cut from the middle. */
  readonly edge: number;
}

/** Cubic convolution (Keys 1981, a = -0.5), widened where the picture shrinks, so that no pixel is skipped. */
function resampling({ from, scale, edge }: Resampling): Taps[] {
  const width = Math.max(scale, 1);
  const skipped = Math.floor((Math.round(from / scale) - edge) / 2);
  return Array.from({ length: edge }, (_, i) => {
    const centre = (skipped + i + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - 2 * width + 0.5));
    const end = Math.min(from, Math.floor(centre + 2 * width + 0.5));
    const weights = Array.from({ length: end - first }, (__, k) => cubic((first + k + 0.5 - centre) / width));
    const total = weights.reduce((all, weight) => all + weight, 0);
    return { first, weights: weights.map((weight) => weight / total) };
  });
}

function cubic(x: number): number {
  const d = Math.abs(x);
  if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
  return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
}
