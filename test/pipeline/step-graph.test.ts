import { afterEach, describe, expect, it } from 'vitest';
import { maxDifference } from '../../server/src/cli/parity/difference.js';
import { openPassing, type PassingGraph } from '../../server/src/pipeline/graphs/extended-graph.js';
import type { ElementType, TensorSpec } from '../../server/src/pipeline/graphs/graph-specs.js';
import type { Graph, TensorValue } from '../../server/src/pipeline/graphs/ort.js';
import { ANSWER, openPassingUnet } from '../../server/src/pipeline/graphs/passing-unet.js';
import { FACTORS, factorRow, stepExtension } from '../../server/src/pipeline/graphs/step-graph.js';
import { floatTensor, floatsOf, integerTensor } from '../../server/src/pipeline/graphs/tensor.js';
import { latentsInMemory } from '../../server/src/pipeline/graphs/device-rows.js';
import { Unet, type StepSample } from '../../server/src/pipeline/graphs/unet.js';
import { seededNoise } from '../../server/src/pipeline/noise.js';

/* The contract of docs/GRAPHS.md, with a UNet that answers with a condition. */

const CPU = { device: 'cpu', deviceId: 0, threads: 1 } as const;
const [C, H, W] = [2, 2, 3];
const SIZE = C * H * W;
const SHAPE = { channels: C, height: H, width: W };

let opened: { dispose(): Promise<void> } | undefined;
afterEach(async () => {
  await opened?.dispose();
  opened = undefined;
});

function passing(type: ElementType, rows: number | string, timestep: TensorSpec['shape'] = [rows]): PassingGraph {
  const shape = [rows, C, 'h', 'w'];
  const latents = (name: string): TensorSpec => ({ name, type, shape });
  const inputs = [latents('sample'), { name: 'timestep', type, shape: timestep }, latents(ANSWER)];
  return { name: 'unet', inputs, passed: ANSWER, output: latents('out_sample') };
}

const latentsTensor = (data: Float32Array): TensorValue => floatTensor(data, [data.length / SIZE, C, H, W]);

describe('the step graph', () => {
  it('multiplies and adds what its columns say, each sample by its own', async () => {
    const draw = seededNoise(11, 3 * SIZE);
    const [x, n, p] = [draw(0), draw(1), draw(2)];
    const answers = seededNoise(12, 5 * SIZE)(0);
    const mask = Float32Array.from({ length: 3 * H * W }, (_, i) => (i % 3) / 2);
    const factors = seededNoise(13, 3 * FACTORS)(0).map(Math.abs);
    // Samples 0 and 2 are guided, by rows 3 and 4.
    const [conditioned, unconditioned] = [
      [0, 1, 2],
      [3, 1, 4],
    ];
    const graph = await openPassing(
      passing('float32', 'rows'),
      stepExtension(() => true),
      CPU,
    );
    opened = graph;
    const feeds = {
      latents: latentsTensor(x),
      noise: latentsTensor(n),
      previous: latentsTensor(p),
      mask: floatTensor(mask, [3, 1, H, W]),
      factors: floatTensor(factors, [3, FACTORS]),
      rows: integerTensor('int64', [0, 1, 2, 0, 2], [5]),
      conditioned: integerTensor('int64', conditioned, [3]),
      unconditioned: integerTensor('int64', unconditioned, [3]),
      [ANSWER]: latentsTensor(answers),
    };
    const [next, denoised] = (await graph.run(feeds, ['next', 'denoised'])).map(floatsOf);
    const wanted = [...x].map((_, i) => {
      const [sample, at] = [Math.floor(i / SIZE), i % SIZE];
      const f = [...factors.subarray(sample * FACTORS, (sample + 1) * FACTORS)];
      const [, , guidance, a, b, limit, c, k, yd, yx, ye, yn, yp, kp, kn] = f as number[];
      const [answer, other] = [conditioned, unconditioned].map((rows) => answers[rows[sample]! * SIZE + at]!);
      const e = other! + guidance! * (answer! - other!);
      const z = Math.max(-limit!, Math.min(limit!, a! * x[i]! + b! * e));
      const d = c! * z + k! * x[i]!;
      const y = yd! * d + yx! * x[i]! + ye! * e + yn! * n[i]! + yp! * p[i]!;
      const m = mask[sample * H * W + (at % (H * W))]!;
      return { next: y + m * (kp! * p[i]! + kn! * n[i]! - y), denoised: d };
    });
    const [wantedNext, wantedDenoised] = [wanted.map((one) => one.next), wanted.map((one) => one.denoised)];
    expect(maxDifference(next!, wantedNext)).toBeLessThan(1e-5);
    expect(maxDifference(denoised!, wantedDenoised)).toBeLessThan(1e-5);
  });

  it('scales the latents that the UNet sees, and gives each row its timestep', async () => {
    // A UNet that answers with what it sees.
    const graph = { ...passing('float32', 'rows'), passed: 'sample' };
    opened = await openPassing(
      graph,
      stepExtension(() => false),
      CPU,
    );
    const x = seededNoise(3, 2 * SIZE)(0);
    const step = { input: 0.5, estimate: { latents: 0, output: 1 }, limit: Infinity, denoised: { estimate: 1 } };
    const row = (scale: number) => factorRow({ ...step, next: { denoised: 1 } }, { timestep: 7, guidance: 1, scale });
    const feeds = {
      ...without('noise', 'previous', 'mask'),
      latents: latentsTensor(x),
      factors: floatTensor(Float32Array.of(...row(1), ...row(4)), [2, FACTORS]),
      [ANSWER]: latentsTensor(x),
    };
    const [next] = (await (opened as Graph).run(feeds, ['next'])).map(floatsOf);
    expect(
      maxDifference(
        next!,
        x.map((value, i) => (i < SIZE ? 0.5 : 2) * value),
      ),
    ).toBeLessThan(1e-6);
  });

  it('makes the steps of trajectory consistency distillation', async () => {
    // Zheng et al. 2024, algorithm 4: down to s below t_next with the noise implied, then up again with new noise.
    const [now, s, later] = [0.3, 0.8, 0.6];
    const [alpha, sigma] = [Math.sqrt(now), Math.sqrt(1 - now)];
    const up = later / s;
    const [ofEstimate, ofLatents] = [Math.sqrt(s) - (alpha * Math.sqrt(1 - s)) / sigma, Math.sqrt(1 - s) / sigma];
    const unet = await openPassingUnet({ graph: CPU, type: 'float32', isGuidedByRows: false });
    opened = unet;
    const [x, e, n] = [0, 1, 2].map((i) => seededNoise(21, SIZE)(i)) as [Float32Array, Float32Array, Float32Array];
    const factors = factorRow(
      {
        input: 1,
        estimate: { latents: 1 / alpha, output: -sigma / alpha },
        limit: Infinity,
        denoised: { estimate: ofEstimate, latents: ofLatents },
        next: { denoised: Math.sqrt(up), noise: Math.sqrt(1 - up) },
      },
      { timestep: 500, guidance: 1, scale: 1 },
    );
    const [stepped] = await unet.step(
      [{ latents: x, factors, noise: n, rows: [rowOf(e)], isEstimated: false, isLast: true }],
      SHAPE,
    );
    const wanted = x.map((value, i) => {
      const clean = (value - sigma * e[i]!) / alpha;
      const atS = Math.sqrt(s) * clean + Math.sqrt(1 - s) * e[i]!;
      return Math.sqrt(up) * atS + Math.sqrt(1 - up) * n[i]!;
    });
    expect(maxDifference(latentsInMemory(stepped!.next), wanted)).toBeLessThan(1e-5);
  });
});

describe('a UNet', () => {
  const step = {
    input: 1,
    estimate: { latents: 1, output: -0.5 },
    limit: Infinity,
    denoised: { estimate: 1 },
    next: { denoised: 1, noise: 0.25 },
  };
  const sampleOf = (seed: number, { guidance = 1, timestep = 7 } = {}): StepSample => {
    const draw = seededNoise(seed, SIZE);
    const rows = [rowOf(draw(1)), ...(guidance > 1 ? [rowOf(draw(2))] : [])];
    const factors = factorRow(step, { timestep, guidance, scale: 1 });
    return { latents: draw(0), factors, noise: draw(3), rows, isEstimated: false, isLast: true };
  };
  const samples = [sampleOf(1, { guidance: 3 }), sampleOf(2), sampleOf(3, { guidance: 2 })];

  async function stepped(graph: PassingGraph): Promise<Float32Array[]> {
    const unet = new Unet(
      await openPassing(
        graph,
        stepExtension(() => true),
        CPU,
      ),
      true,
    );
    const results = await unet.step(samples, SHAPE);
    await unet.dispose();
    return results.map(({ next }) => latentsInMemory(next));
  }

  it.each([
    ['one row', passing('float32', 1)],
    ['three rows', passing('float32', 3)],
    ['any rows at one timestep', passing('float32', 'rows', [])],
    ['any rows in double precision', passing('float64', 'rows')],
  ])('exported for %s guides and steps as one for any rows', async (_name, graph) => {
    const wanted = await stepped(passing('float32', 'rows'));
    const got = await stepped(graph);
    got.forEach((next, i) => expect(maxDifference(next, wanted[i]!)).toBeLessThan(1e-6));
    const [{ latents, noise, rows }] = samples as [StepSample];
    const [c, u] = rows.map(({ [ANSWER]: answer }) => answer!.data as Float32Array);
    const byHand = latentsInMemory(latents).map(
      (x, i) => x - 0.5 * (u![i]! + 3 * (c![i]! - u![i]!)) + 0.25 * noise![i]!,
    );
    expect(maxDifference(got[0]!, byHand)).toBeLessThan(1e-5);
  });

  it('in half precision finds numbers that overflow, of their own sample only', async () => {
    const unet = await openPassingUnet({ graph: CPU, type: 'float16', isGuidedByRows: false });
    opened = unet;
    const row = (answer: number): StepSample => ({
      ...sampleOf(1),
      rows: [rowOf(new Float32Array(SIZE).fill(answer))],
    });
    const results = await unet.step([1, 65_504, 66_000, -66_000, NaN].map(row), SHAPE);
    expect(results.map(({ isFinite }) => isFinite)).toEqual([true, true, false, false, false]);
  });
});

function rowOf(answer: Float32Array) {
  return { [ANSWER]: floatTensor(answer, [C, H, W]) };
}

function without(...names: readonly string[]): Record<string, TensorValue> {
  return Object.fromEntries(names.map((name) => [name, floatTensor(new Float32Array(1), [1, 1, 1, 1])]));
}
