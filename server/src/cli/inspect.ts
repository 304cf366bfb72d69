import { findModel, isHubName } from '../config/models-folder.js';
import { MODEL_OPTIONS } from '../config/model-options.js';
import { optimisedDirOf } from '../inference/cache-folder.js';
import { isFaster, measuredBefore, type Comparison } from '../inference/device/load-fastest.js';
import { inspectFolder, type InspectedComponent, type Inspection } from '../pipeline/folder/inspect-folder.js';
import type { TensorSpec } from '../pipeline/graphs/graph-specs.js';
import { defineCommand } from './command.js';
import { JSON_OPTION } from './common-options.js';

/** `underpaint inspect`: what a model folder holds. */
export const inspect = defineCommand({
  name: 'inspect',
  argument: 'DIR',
  about: `Describes a model folder: its kind, its parts with their inputs and types, its schedule, and missing parts.
Exit code 2 when it cannot be served. DIR may be OWNER/NAME of a pulled model.`,
  options: {
    vae: MODEL_OPTIONS.vae,
    dtype: { ...MODEL_OPTIONS.dtype, help: 'graphs to look at: fp32, fp16 or int8; auto looks at the plain ones' },
    ...JSON_OPTION,
  },
  async run({ vae, dtype, json }, { env, print }, dir) {
    const pulled = (text: string) => (isHubName(text) ? findModel(text, env) : text);
    const [modelDir, vaeDir] = [pulled(dir), pulled(vae || dir)];
    const found = await inspectFolder(modelDir, vaeDir, dtype === 'auto' ? undefined : dtype);
    const options = { vaeDir: vae ? vaeDir : undefined, optimisedDir: optimisedDirOf(modelDir, env) };
    const measured = found.model && (await measuredBefore(modelDir, options));
    if (json) print(JSON.stringify({ ...found, measured }));
    else for (const line of describe(found, measured)) print(line);
    return found.problems.length > 0 ? 2 : 0;
  },
});

function describe(found: Inspection, measured: Comparison | undefined): string[] {
  return [
    ...describeModel(found),
    ...describeDtypes(found, measured),
    ...found.components.flatMap(describeComponent),
    ...found.problems.map((problem) => `  cannot be served: ${problem}`),
  ];
}

const GUIDANCE = {
  embedded: 'an embedding of the scale',
  rows: 'a second row without the prompt',
  none: 'nothing',
} as const;

function describeModel({ dir, model, scheduler }: Inspection): string[] {
  if (!model) return [dir];
  const codec = model.kind === 'pixel' ? 'without an autoencoder' : `${model.vaeFactor} pixels a latent`;
  const judged = model.isJudged ? ', judged by its safety checker' : '';
  return [
    `${model.name} (${dir})`,
    `  kind       ${model.kind}, guided by ${GUIDANCE[model.guidance]}`,
    `  pictures   ${model.width} x ${model.height}, ${codec}${judged}`,
    `  schedule   ${String(scheduler?._class_name)}, ${scheduler?.num_train_timesteps} timesteps`,
  ];
}

/** Which types of numbers the folder has, and which one runs. */
function describeDtypes({ model, components }: Inspection, measured: Comparison | undefined): string[] {
  if (!model) return [];
  const others = new Set(components.flatMap(({ variants }) => variants.map(({ dtype }) => dtype)));
  const there = [model.dtype, ...others].join(', ');
  return [`  numbers    ${there}${others.has('int8') ? `; on a processor, --dtype auto ${chosen(measured)}` : ''}`];
}

function chosen(measured: Comparison | undefined): string {
  if (!measured) return 'measures at the first start whether int8 is faster';
  const { int8Ms, plainMs } = measured;
  return `takes ${isFaster(measured) ? 'int8' : 'the others'}: a picture took ${int8Ms.toFixed(0)} ms in int8, ${plainMs.toFixed(0)} ms without`;
}

function sizeOf(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function describeComponent({ name, bytes, variants, inputs, outputs }: InspectedComponent): string[] {
  const sizes = [sizeOf(bytes), ...variants.map((other) => `${other.dtype} ${sizeOf(other.bytes)}`)];
  const lines = [
    ...inputs.map((spec) => `in  ${describeSpec(spec)}`),
    ...outputs.map((spec) => `out ${describeSpec(spec)}`),
  ];
  return [`  ${name}, ${sizes.join(', ')}`, ...lines.map((line) => `    ${line}`)];
}

function describeSpec({ name, type, shape }: TensorSpec): string {
  return `${name}: ${type} [${shape.join(', ')}]`;
}
