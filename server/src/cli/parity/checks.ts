import { access } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { guidanceEmbedding } from '../../pipeline/conditions/guidance-embedding.js';
import { readJson } from '../../pipeline/folder/read-json.js';
import { latentsInMemory } from '../../pipeline/graphs/device-rows.js';
import { ANSWER, openPassingUnet } from '../../pipeline/graphs/passing-unet.js';
import { factorRow } from '../../pipeline/graphs/step-graph.js';
import { floatTensor } from '../../pipeline/graphs/tensor.js';
import { EulerScheduler } from '../../pipeline/schedulers/euler-scheduler.js';
import { boundaryScalings, LcmScheduler } from '../../pipeline/schedulers/lcm-scheduler.js';
import { Tokenizer } from '../../pipeline/tokenizer/tokenizer.js';
import { maxDifference } from './difference.js';
import { readFloats, readNpy } from './npy.js';

/** One recorded table against our numbers. */
export interface Check {
  readonly name: string;
  /** Greatest difference; for integers the number of entries that differ. */
  readonly worst: number;
  readonly tolerance: number;
}

/** Compares whatever tables the folder has. */
export async function runChecks(dir: string): Promise<Check[]> {
  const checks = [
    { file: 'lcm_scheduler/timesteps.json', check: checkTimesteps },
    { file: 'lcm_scheduler/alphas_cumprod.npy', check: checkAlphas },
    { file: 'lcm_scheduler/boundary_scalings.json', check: checkBoundaryScalings },
    { file: 'lcm_scheduler/cases.json', check: checkSteps },
    { file: 'euler_scheduler/timesteps.json', check: checkEuler },
    { file: 'guidance_embedding/w_embedding_256.npy', check: checkGuidance },
    { file: 'tokenizer/tokenizer.json', check: checkTokenizer },
    { file: 'tokenizer/vocab.json', check: checkTokenizer },
  ];
  const results: Check[] = [];
  for (const { file, check } of checks) {
    const path = join(dir, file);
    const found = await access(path).then(
      () => true,
      () => false,
    );
    if (found) results.push(await check(path));
  }
  return results;
}

const Timesteps = v.array(v.number());
const GridSchema = v.looseObject({
  config: v.looseObject({}),
  requested: v.array(v.looseObject({ num_inference_steps: v.number(), strength: v.number(), timesteps: Timesteps })),
  grid: v.array(v.tuple([v.number(), v.number(), Timesteps])),
  grid_errors: v.array(v.tuple([v.number(), v.number()])),
  other_original_steps: v.array(v.tuple([v.number(), v.number(), v.number(), v.union([Timesteps, v.string()])])),
});

/** Every recorded schedule, including those that must be refused. */
async function checkTimesteps(path: string): Promise<Check> {
  const table = await readJson(path, GridSchema);
  const scheduler = new LcmScheduler(table.config);
  const wanted: [steps: number, strength: number, original: number | undefined, timesteps: string][] = [
    ...table.requested.map((row) => [row.num_inference_steps, row.strength, undefined, String(row.timesteps)] as const),
    ...table.grid.map(([steps, strength, timesteps]) => [steps, strength, undefined, String(timesteps)] as const),
    ...table.grid_errors.map(([steps, strength]) => [steps, strength, undefined, 'error'] as const),
    ...table.other_original_steps.map(
      ([steps, strength, original, timesteps]) =>
        [steps, strength, original, Array.isArray(timesteps) ? String(timesteps) : 'error'] as const,
    ),
  ].map((row) => [...row]);
  const wrong = wanted.filter(([steps, strength, original, timesteps]) => {
    try {
      return String(scheduler.timesteps({ steps, strength }, original)) !== timesteps;
    } catch {
      return timesteps !== 'error';
    }
  });
  return { name: `LCM timesteps, ${wanted.length} schedules`, worst: wrong.length, tolerance: 0 };
}

async function checkAlphas(path: string): Promise<Check> {
  const { alphasCumprod: ours } = new LcmScheduler({
    beta_start: 0.00085,
    beta_end: 0.012,
    beta_schedule: 'scaled_linear',
  });
  return { name: 'alphas_cumprod', worst: maxDifference(ours, await readFloats(path)), tolerance: 1e-6 };
}

/** The default of LCMScheduler's `timestep_scaling`. */
const TIMESTEP_SCALING = 10;

/**
 * PyTorch's single-precision square root is up to one unit in the last place off the nearest number, two of 1 - 2^-24.
 */
async function checkBoundaryScalings(path: string): Promise<Check> {
  const { rows } = await readJson(
    path,
    v.looseObject({ rows: v.array(v.tuple([v.number(), v.number(), v.number()])) }),
  );
  const differences = rows.map(([timestep, wantedSkip, wantedOut]) => {
    const { skip, out } = boundaryScalings(timestep, TIMESTEP_SCALING);
    return maxDifference([skip, out], [wantedSkip, wantedOut]);
  });
  return { name: `c_skip and c_out at ${rows.length} timesteps`, worst: Math.max(...differences), tolerance: 2 ** -23 };
}

const StepCases = v.array(v.looseObject({ name: v.string(), config: v.looseObject({}), timesteps: Timesteps }));

const SOON = { device: 'cpu', deviceId: 0, threads: 1 } as const;

/** Whole schedules with recorded model outputs and noise. Differences are relative where the numbers exceed 1. */
async function checkSteps(path: string): Promise<Check> {
  const cases = await readJson(path, StepCases);
  const unet = await openPassingUnet({ graph: SOON, type: 'float32', isGuidedByRows: false });
  let worst = 0;
  for (const { name, config, timesteps } of cases) {
    const read = (file: string): Promise<Float32Array> => readFloats(join(path, '..', name, `${file}.npy`));
    const plan = new LcmScheduler(config).planOf(timesteps);
    const [sample, output, noise, prev, wanted] = await Promise.all(
      ['sample', 'model_output', 'noise', 'prev_sample', 'denoised'].map(read),
    );
    const size = sample!.length / timesteps.length;
    for (const [index, timestep] of timesteps.entries()) {
      const at = (values: Float32Array): Float32Array => values.slice(index * size, (index + 1) * size);
      const shape = { channels: 1, height: 1, width: size };
      const step = {
        latents: at(sample!),
        factors: factorRow(plan.factors(index), { timestep, guidance: 1, scale: 1 }),
        noise: plan.wantsNoise(index) ? at(noise!) : undefined,
        rows: [{ [ANSWER]: floatTensor(at(output!), [1, 1, size]) }],
        isEstimated: true,
        isLast: true,
      };
      const [stepped] = await unet.step([step], shape);
      const { next, denoised } = stepped!;
      worst = Math.max(
        worst,
        scaledDifference(latentsInMemory(next), at(prev!)),
        scaledDifference(denoised!, at(wanted!)),
      );
    }
  }
  await unet.dispose();
  return { name: `LCM steps, ${cases.length} schedules`, worst, tolerance: 1e-5 };
}

function scaledDifference(ours: Float32Array, wanted: Float32Array): number {
  const scale = wanted.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 1);
  return maxDifference(ours, wanted) / scale;
}

const EulerTable = v.looseObject({
  config: v.looseObject({}),
  rows: v.array(v.looseObject({ num_inference_steps: v.number(), timesteps: Timesteps, sigmas: Timesteps })),
});

async function checkEuler(path: string): Promise<Check> {
  const { config, rows } = await readJson(path, EulerTable);
  const scheduler = new EulerScheduler(config);
  const differences = rows.map(({ num_inference_steps: steps, timesteps, sigmas }) => {
    const plan = scheduler.plan({ steps, strength: 1 });
    return Math.max(maxDifference(plan.timesteps, timesteps), maxDifference(plan.sigmas, sigmas));
  });
  return {
    name: `Euler timesteps and sigmas, ${rows.length} schedules`,
    worst: Math.max(...differences),
    tolerance: 1e-5,
  };
}

async function checkGuidance(path: string): Promise<Check> {
  const { data, shape } = await readNpy(path);
  const dimension = shape[1]!;
  const scales = await readFloats(join(path, '..', 'guidance_scale.npy'));
  const ours = Float32Array.from([...scales].flatMap((scale) => [...guidanceEmbedding(scale, dimension)]));
  return {
    name: `guidance embedding of ${scales.length} scales`,
    worst: maxDifference(ours, data as Float32Array),
    tolerance: 1e-3,
  };
}

const TokenTable = v.looseObject({
  max_length: v.number(),
  rows: v.array(v.looseObject({ text: v.string(), ids: Timesteps })),
});

async function checkTokenizer(path: string): Promise<Check> {
  const dir = join(path, '..');
  const { max_length: length, rows } = await readJson(join(dir, 'clip_tokens.json'), TokenTable);
  const tokenizer = await Tokenizer.load(dir);
  const wrong = rows.filter(({ text, ids }) => String(tokenizer.encode(text, length)) !== String(ids));
  return { name: `tokens of ${rows.length} prompts`, worst: wrong.length, tolerance: 0 };
}
