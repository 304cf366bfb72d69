import { fileURLToPath } from 'node:url';
import type { Size } from '../pipeline/graphs/pixels.js';
import { oneOf, parsed, text, toggle, whole } from './option.js';
import { parseSize } from './picture-size.js';

/** The folder of the embedded model. */
const EMBEDDED_MODEL = fileURLToPath(new URL('../../../models/landscape', import.meta.url));

/** Options that say which model runs, and where; `serve`, `infer` and `bench` share them. */
export const MODEL_OPTIONS = {
  model: text({
    value: 'DIR',
    help: 'model folder, or OWNER/NAME of a pulled model',
    default: EMBEDDED_MODEL,
    defaultText: 'the embedded model',
  }),
  vae: text({ value: 'DIR', help: 'folder (or OWNER/NAME) of an autoencoder to use instead', default: '' }),
  size: parsed<Size | undefined>(
    {
      value: 'PIXELS',
      help: 'picture size: one number, or WIDTHxHEIGHT',
      default: undefined,
      defaultText: "the model's own",
    },
    parseSize,
  ),
  safetyChecker: toggle({ help: "turn the model's own safety checker off", default: true }),
  device: text({ value: 'NAME', help: 'auto, cpu, cuda or webgpu', default: 'cpu' }),
  dtype: oneOf(['auto', 'fp32', 'fp16', 'int8'], {
    value: 'TYPE',
    help: 'graphs to take: fp32, fp16 or int8; auto takes the fastest that the folder has',
    default: 'auto',
  }),
  threads: whole({ help: 'threads of one model call; 0 uses every core', min: 0, max: 256, default: 0 }),
};
