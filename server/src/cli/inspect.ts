import { findModel, isHubName } from '../config/models-folder.js';
import { MODEL_OPTIONS } from '../config/model-options.js';
import { inspectFolder, type InspectedComponent, type Inspection } from '../pipeline/folder/inspect-folder.js';
import type { TensorSpec } from '../pipeline/graphs/ort.js';
import { defineCommand } from './command.js';
import { JSON_OPTION } from './common-options.js';

/** `underpaint inspect`: what a model folder holds. */
export const inspect = defineCommand({
  name: 'inspect',
  argument: 'DIR',
  about: `Describes a model folder: its kind, its parts with their inputs and types, its schedule, and any missing files.
Exits with code 2 if the folder cannot be served. DIR may be OWNER/NAME of a pulled model.`,
  options: { vae: MODEL_OPTIONS.vae, ...JSON_OPTION },
  async run({ vae, json }, { env, print }, dir) {
    const pulled = (text: string) => (isHubName(text) ? findModel(text, env) : text);
    const found = await inspectFolder(pulled(dir), pulled(vae || dir));
    if (json) print(JSON.stringify(found));
    else for (const line of describe(found)) print(line);
    return found.problems.length > 0 ? 2 : 0;
  },
});

function describe(found: Inspection): string[] {
  return [
    ...describeModel(found),
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

function describeComponent({ name, bytes, inputs, outputs }: InspectedComponent): string[] {
  const size = bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
  const lines = [
    ...inputs.map((spec) => `in  ${describeSpec(spec)}`),
    ...outputs.map((spec) => `out ${describeSpec(spec)}`),
  ];
  return [`  ${name}, ${size}`, ...lines.map((line) => `    ${line}`)];
}

function describeSpec({ name, type, shape }: TensorSpec): string {
  return `${name}: ${type} [${shape.join(', ')}]`;
}
