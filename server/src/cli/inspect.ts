import { UsageError } from '../errors.js';
import { inspectFolder, type InspectedComponent, type Inspection } from '../pipeline/folder/inspect-folder.js';
import { findModel, isHubName } from '../config/models-folder.js';
import type { TensorSpec } from '../pipeline/graphs/ort.js';
import type { Command } from './command.js';
import { readFlags } from './flags.js';

const HELP = `Usage: underpaint inspect DIR [options]

Says what a model folder is and whether it can be served: its kind, its parts with their inputs and types, its schedule,
what is missing. Exit code 2 when it cannot be served. DIR may be OWNER/NAME of a pulled model.

  --vae DIR   a folder whose autoencoder goes before the model's own
  --json      prints one JSON object and nothing else
  --help      this text`;

const OPTIONS = {
  vae: { type: 'string', default: '' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** `underpaint inspect`: what a folder is found to be. */
export const inspect: Command = async (argv, { env, print }) => {
  const dir = argv[0]?.startsWith('-') ? undefined : argv[0];
  const rest = argv.slice(dir === undefined ? 0 : 1);
  const flags = readFlags('inspect', rest, OPTIONS);
  if (flags.help) {
    print(HELP);
    return 0;
  }
  if (dir === undefined) throw new UsageError('name the folder: underpaint inspect DIR');
  const pulled = (text: string) => (isHubName(text) ? findModel(text, env) : text);
  const found = await inspectFolder(pulled(dir), pulled(flags.vae || dir));
  if (flags.json) print(JSON.stringify(found));
  else for (const line of describe(found)) print(line);
  return found.problems.length > 0 ? 2 : 0;
};

function describe({ dir, model, components, scheduler, problems }: Inspection): string[] {
  const about = model
    ? [
        `${model.name} (${dir})`,
        `  kind       ${model.kind}, guided by ${GUIDANCE[model.guidance]}`,
        `  pictures   ${model.width} x ${model.height}, ${model.kind === 'pixel' ? 'without an autoencoder' : `${model.vaeFactor} pixels a latent`}${model.isJudged ? ', judged by its safety checker' : ''}`,
        `  schedule   ${String(scheduler?._class_name)}, ${scheduler?.num_train_timesteps} timesteps`,
      ]
    : [dir];
  return [
    ...about,
    ...components.flatMap(describeComponent),
    ...problems.map((problem) => `  cannot be served: ${problem}`),
  ];
}

const GUIDANCE = {
  embedded: 'an embedding of the scale',
  rows: 'a second row without the prompt',
  none: 'nothing',
} as const;

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
