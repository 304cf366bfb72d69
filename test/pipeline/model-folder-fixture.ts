import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const MODELS_DIR = fileURLToPath(new URL('../fixtures/models', import.meta.url));
export const CONTROL_DIR = fileURLToPath(new URL('../fixtures/control', import.meta.url));
export const PARITY_DIR = fileURLToPath(new URL('../fixtures/parity', import.meta.url));

const SCHEDULERS = {
  lcm: { _class_name: 'LCMScheduler', beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear' },
  turbo: {
    _class_name: 'EulerDiscreteScheduler',
    beta_start: 0.00085,
    beta_end: 0.012,
    beta_schedule: 'scaled_linear',
    timestep_spacing: 'trailing',
  },
};

export interface FolderKind {
  /** `lcm-lora` has the graph without `timestep_cond`; its timestep is shared by all rows. */
  readonly kind?: 'lcm' | 'lcm-lora' | 'sd-turbo';
  readonly vae?: 'kl' | 'tiny';
}

/** A tokenizer of 98 tokens: the printable ASCII letters, alone and at a word's end, no merges. */
function letterTokenizer(): object {
  const letters = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i));
  const tokens = ['<s>', '</s>', ...letters, ...letters.map((letter) => `${letter}</w>`)];
  return {
    added_tokens: ['<s>', '</s>'].map((content, id) => ({ id, content, special: true })),
    normalizer: { type: 'Lowercase' },
    pre_tokenizer: { type: 'Whitespace' },
    post_processor: {
      type: 'RobertaProcessing',
      cls: ['<s>', 0],
      sep: ['</s>', 1],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: null,
    model: {
      type: 'BPE',
      unk_token: '</s>',
      continuing_subword_prefix: '',
      end_of_word_suffix: '</w>',
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: [],
    },
  };
}

/** Builds a whole model folder in the diffusers layout from the recorded tiny graphs. The caller disposes it. */
export async function makeModelFolder({ kind = 'lcm', vae = 'tiny' }: FolderKind = {}) {
  const dir = join(await mkdtemp(join(tmpdir(), 'underpaint-model-')), 'tiny');
  const write = async (path: string, content: object): Promise<void> => {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), JSON.stringify(content));
  };
  const graph = async (component: string, file: string): Promise<void> => {
    await mkdir(join(dir, component), { recursive: true });
    await copyFile(join(PARITY_DIR, 'models', file), join(dir, component, 'model.onnx'));
  };
  const prefix = vae === 'kl' ? 'vae' : 'taesd';
  const vaeConfig =
    vae === 'kl' ? { _class_name: 'AutoencoderKL', scaling_factor: 0.18215 } : { _class_name: 'AutoencoderTiny' };
  await graph('unet', kind === 'lcm' ? 'lcm_unet.onnx' : 'sd_unet.onnx');
  await graph('text_encoder', 'text_encoder.onnx');
  await graph('vae_encoder', `${prefix}_encoder.onnx`);
  await graph('vae_decoder', `${prefix}_decoder.onnx`);
  const pipelineClass = kind === 'lcm' ? 'LatentConsistencyModelPipeline' : 'StableDiffusionPipeline';
  await write('model_index.json', { _class_name: pipelineClass });
  await write('scheduler/scheduler_config.json', SCHEDULERS[kind === 'sd-turbo' ? 'turbo' : 'lcm']);
  await write('unet/config.json', { sample_size: 8 });
  await write('text_encoder/config.json', { max_position_embeddings: 16 });
  await write('vae_encoder/config.json', vaeConfig);
  await write('vae_decoder/config.json', vaeConfig);
  await write('tokenizer/tokenizer.json', letterTokenizer());
  await write('tokenizer/tokenizer_config.json', { eos_token: '</s>', pad_token: '</s>' });
  return { dir, dispose: () => rm(dirname(dir), { recursive: true, force: true }) };
}

/** A smooth picture that differs by `phase`. */
export function makePicture({ width, height }: { width: number; height: number }, phase = 0): Uint8Array {
  return Uint8Array.from({ length: width * height * 3 }, (_, i) => 128 + 100 * Math.sin(i / 97 + phase + (i % 3)));
}
