import { MODEL_OPTIONS } from '../../config/model-options.js';
import { decimal, oneOf, parsed, text, whole, type Values } from '../../config/option.js';
import { UsageError } from '../../errors.js';
import { SAMPLERS } from '../../pipeline/schedulers/sampler.js';
import { JSON_OPTION } from '../common-options.js';

const MAX_PROMPT_LENGTH = 10_000;
const OWN = { default: undefined, defaultText: "the model's own" };
const { model, size, vae, safetyChecker, device, dtype, threads } = MODEL_OPTIONS;

/** The options of `underpaint infer`, in the order of its help. */
export const INFER_OPTIONS = {
  input: text({ value: 'FILE', help: 'sketch: a JPEG, PNG or WebP picture', default: undefined }),
  prompt: parsed({ help: 'what to paint; for a model of classes, the number of the class', default: '' }, parsePrompt),
  negativePrompt: parsed({ help: 'what to avoid, for models with a second row', default: '' }, parsePrompt),
  output: text({ value: 'FILE', help: 'where to write the picture: .png, or else a JPEG', default: 'out.jpg' }),
  steps: whole({ help: '1 to 50', min: 1, max: 50, ...OWN }),
  strength: decimal({ help: '0 to 1: how much of the sketch to paint over', min: 0, max: 1, ...OWN }),
  guidance: decimal({ help: '0 to 30: how strongly to follow the prompt', min: 0, max: 30, ...OWN }),
  control: decimal({
    help: '0 to 2: how strongly the sketch controls the picture, for models that take it so',
    min: 0,
    max: 2,
    ...OWN,
  }),
  sampler: oneOf(SAMPLERS, { value: 'NAME', help: SAMPLERS.join(', '), ...OWN }),
  seed: whole({ help: 'the same seed gives the same picture', min: 0, max: 0xffffffff, default: 1 }),
  noise: text({
    value: 'FILE',
    help: 'use this noise, not the seed: .npy, float32 [steps, channels, height, width] of latents',
    default: undefined,
  }),
  quality: whole({ help: 'JPEG quality, 1 to 100', min: 1, max: 100, default: 90 }),
  model,
  size,
  vae,
  safetyChecker,
  device,
  dtype,
  threads,
  ...JSON_OPTION,
};

export type InferValues = Values<typeof INFER_OPTIONS>;

function parsePrompt(written: string, source: string): string {
  if (written.length <= MAX_PROMPT_LENGTH) return written;
  throw new UsageError(`${source} must have at most ${MAX_PROMPT_LENGTH} characters, not ${written.length}`);
}
