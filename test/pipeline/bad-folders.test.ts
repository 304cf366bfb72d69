import {
  appendFile,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failure } from './load-failure.js';
import { makeModelFolder, MODELS_DIR, PARITY_DIR } from './model-folder-fixture.js';

describe('a folder that cannot be served gives one clear line:', () => {
  let folder: Awaited<ReturnType<typeof makeModelFolder>>;
  const at = (path: string): string => join(folder.dir, path);

  beforeEach(async () => {
    folder = await makeModelFolder();
  });
  afterEach(() => folder.dispose());

  it('none', async () => {
    expect(await failure(at('nowhere'))).toMatch(/^there is no model folder .*nowhere$/);
  });

  it('a file', async () => {
    expect(await failure(at('model_index.json'))).toContain('is a file');
  });

  it.each(['unet', 'text_encoder', 'vae_encoder', 'vae_decoder'])('without %s', async (component) => {
    await rm(at(component), { recursive: true });
    expect(await failure(folder.dir)).toContain(join(component, 'model.onnx') + ' is missing');
  });

  it.each(['unet', 'text_encoder', 'vae_encoder', 'vae_decoder'])('with %s cut short', async (component) => {
    const path = at(`${component}/model.onnx`);
    const whole = await readFile(path);
    await writeFile(path, whole.subarray(0, whole.length / 2));
    expect(await failure(folder.dir)).toContain(`${path} does not load on cpu`);
  });

  it('with an empty graph', async () => {
    await writeFile(at('unet/model.onnx'), '');
    expect(await failure(folder.dir)).toContain('unet/model.onnx does not load');
  });

  it('with PyTorch weights only', async () => {
    await rm(at('unet/model.onnx'));
    await writeFile(at('unet/diffusion_pytorch_model.safetensors'), '');
    expect(await failure(folder.dir)).toContain('PyTorch weights only');
  });

  it('without a scheduler', async () => {
    await rm(at('scheduler'), { recursive: true });
    expect(await failure(folder.dir)).toContain('scheduler_config.json is missing');
  });

  it.each([
    ['of many steps', { _class_name: 'PNDMScheduler' }, /names PNDMScheduler: set _class_name/],
    [
      'with a field of the wrong type',
      { _class_name: 'LCMScheduler', beta_start: 'low' },
      /beta_start is "low"; it must be a number above 0/,
    ],
    [
      'with an unknown beta schedule',
      { _class_name: 'LCMScheduler', beta_schedule: 'sine' },
      /beta_schedule is "sine"; it must be linear or/,
    ],
    [
      'with an unknown prediction',
      { _class_name: 'LCMScheduler', prediction_type: 'flow' },
      /prediction_type is "flow"; it must be epsilon or/,
    ],
  ])('with a scheduler %s', async (_name, config, message) => {
    await writeFile(at('scheduler/scheduler_config.json'), JSON.stringify(config));
    expect(await failure(folder.dir)).toMatch(message);
  });

  it('with a configuration that is no JSON', async () => {
    await writeFile(at('unet/config.json'), '{"sample_size": 8');
    expect(await failure(folder.dir)).toContain('unet/config.json is not JSON');
  });

  it('without a tokenizer', async () => {
    await rm(at('tokenizer'), { recursive: true });
    expect(await failure(folder.dir)).toContain('vocab.json is missing');
  });

  it('with a graph of another kind', async () => {
    await writeFile(at('unet/model.onnx'), await readFile(join(PARITY_DIR, 'models/taesd_encoder.onnx')));
    expect(await failure(folder.dir)).toMatch(/unet.model\.onnx has no input timestep, only sample/);
  });

  it('with an encoder where the decoder belongs', async () => {
    await writeFile(at('vae_decoder/model.onnx'), await readFile(at('vae_encoder/model.onnx')));
    expect(await failure(folder.dir)).toContain('has no input latent_sample');
  });

  it('asked for a size the autoencoder cannot take', async () => {
    expect(await failure(folder.dir, { size: { width: 100, height: 64 } })).toContain('multiples of 8 only');
  });

  it('asked for a device that does not start', async () => {
    expect(await failure(folder.dir, { device: 'cuda' })).toMatch(/does not load on cuda/);
  });

  it('with another autoencoder that is not there', async () => {
    expect(await failure(folder.dir, { vaeDir: at('tiny-vae') })).toMatch(/there is no model folder .*tiny-vae/);
  });
});

describe('a folder of another kind gives one clear line:', () => {
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'underpaint-other-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  it.each([
    [
      'a language model',
      { 'config.json': '{"architectures": ["LlamaForCausalLM"]}' },
      /is LlamaForCausalLM, no latent/,
    ],
    ['a language model in one file', { 'model.Q4_K_M.gguf': '' }, /is a language model \(GGUF\)/],
    ['a ControlNet', { 'config.json': '{"_class_name": "ControlNetModel"}' }, /is a ControlNet.*not served/],
    ['a LoRA', { 'pytorch_lora_weights.safetensors': '' }, /is a LoRA: fuse it.*models\/export/],
    ['a checkpoint', { 'model.safetensors': '' }, /has a checkpoint only.*models\/export/],
    ['a UNet alone', { 'config.json': '{"_class_name": "UNet2DConditionModel"}' }, /is a UNet alone/],
    ['an autoencoder alone', { 'config.json': '{"_class_name": "AutoencoderKL"}' }, /autoencoder alone.*--vae/],
    [
      'a transformer',
      { 'model_index.json': '{"_class_name": "FluxPipeline"}', 'transformer/config.json': '{}' },
      /is FluxPipeline with a transformer/,
    ],
    ['nothing', {}, /unet\/model\.onnx is missing/],
  ])('%s', async (_name, files: Record<string, string>, message) => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(dir, path)), { recursive: true });
      await writeFile(join(dir, path), text);
    }
    expect(await failure(dir)).toMatch(message);
  });

  it('a checkpoint by its own name', async () => {
    await writeFile(join(dir, 'dreams.safetensors'), '');
    expect(await failure(join(dir, 'dreams.safetensors'))).toMatch(/is a checkpoint: make a folder/);
  });
});

describe('a folder whose files do not belong together gives one clear line:', () => {
  let work: string;
  const at = (path: string): string => join(work, 'model', path);

  /** A copy of one of the tiny folders, to do harm to. */
  async function copyOf(kind: string): Promise<void> {
    await cp(join(MODELS_DIR, kind), join(work, 'model'), { recursive: true });
  }

  async function configure(path: string, change: object): Promise<void> {
    const config = JSON.parse(await readFile(at(path), 'utf8')) as object;
    await writeFile(at(path), JSON.stringify({ ...config, ...change }));
  }

  beforeEach(async () => {
    work = await mkdtemp(join(tmpdir(), 'underpaint-mixed-'));
  });
  afterEach(() => rm(work, { recursive: true }));

  it('a pointer of Git LFS', async () => {
    await copyOf('lcm');
    await writeFile(at('unet/model.onnx'), 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n');
    expect(await failure(at('.'))).toContain('run git lfs pull');
  });

  it('weights that are missing', async () => {
    await copyOf('sd-turbo');
    await rm(at('unet/model.onnx_data'));
    expect(await failure(at('.'))).toMatch(/unet\/model\.onnx_data, the weights of .*, is missing/);
  });

  it('weights cut short', async () => {
    await copyOf('sd-turbo');
    await truncate(at('unet/model.onnx_data'), 1_000);
    expect(await failure(at('.'))).toMatch(/model\.onnx_data has 1000 bytes, .* tells of \d+: it is cut short/);
  });

  it('weights of another graph, which are longer', async () => {
    await copyOf('sd-turbo');
    await appendFile(at('text_encoder/model.onnx_data'), Buffer.alloc(100_000));
    expect(await failure(at('.'))).toMatch(/text_encoder\/model\.onnx_data has \d+ bytes.*another graph/);
  });

  it('weights that are no numbers', async () => {
    await copyOf('sd-turbo');
    const { size } = await stat(at('text_encoder/model.onnx_data'));
    await writeFile(at('text_encoder/model.onnx_data'), Buffer.alloc(size, 0xff));
    expect(await failure(at('.'))).toMatch(/not finite: are its weights whole/);
  });

  it('a link out of the folder', async () => {
    await copyOf('sd-turbo');
    await rename(at('unet/model.onnx_data'), join(work, 'elsewhere'));
    await symlink(join(work, 'elsewhere'), at('unet/model.onnx_data'));
    expect(await failure(at('.'))).toMatch(/unet\/model\.onnx_data is a link that leads out of the folder.*cp -rL/);
  });

  it('a link to nothing', async () => {
    await copyOf('lcm');
    await rm(at('unet/model.onnx'));
    await symlink('no-such-file', at('unet/model.onnx'));
    expect(await failure(at('.'))).toMatch(/unet\/model\.onnx is a link to a file that is not there/);
  });

  it('a graph in half precision that the device cannot run', async () => {
    await copyOf('lcm');
    await cp(join(MODELS_DIR, 'gpu-only/model.onnx'), at('vae_decoder/model.onnx'));
    expect(await failure(at('.'))).toMatch(/does not load on cpu: it has no NhwcConv .*export it in fp32/);
  });

  it('a tokenizer with ids that the text encoder does not know, by its configuration', async () => {
    await copyOf('lcm');
    await configure('text_encoder/config.json', { vocab_size: 100 });
    expect(await failure(at('.'))).toMatch(/tokenizer has ids up to \d+, .* knows those below 100: .*different models/);
  });

  it('the same where nothing is written down', async () => {
    await copyOf('lcm');
    const vocab = JSON.parse(await readFile(at('tokenizer/vocab.json'), 'utf8')) as Record<string, number>;
    await writeFile(at('tokenizer/vocab.json'), JSON.stringify({ ...vocab, '<|endoftext|>': 49_407 }));
    await configure('text_encoder/config.json', { vocab_size: undefined, eos_token_id: undefined });
    expect(await failure(at('.'))).toMatch(/ids up to 49407, .* knows fewer/);
  });

  it.each(['bos_token', 'eos_token', 'pad_token'])('a tokenizer without its %s', async (token) => {
    await copyOf('sd-turbo');
    await configure('tokenizer/tokenizer_config.json', { [token]: '<none>' });
    expect(await failure(at('.'))).toMatch(/vocabulary has no token <none>.*from one model/);
  });

  it('a tokenizer that is not one of CLIP', async () => {
    await copyOf('sd-turbo');
    await configure('tokenizer/tokenizer.json', { post_processor: null });
    expect(await failure(at('.'))).toMatch(
      /does not end a text with <\|endoftext\|>: it is not the tokenizer of a CLIP/,
    );
  });

  it('an encoder of another autoencoder', async () => {
    await copyOf('lcm');
    await cp(join(MODELS_DIR, 'lcm-lora/vae_encoder'), at('vae_encoder'), { recursive: true });
    expect(await failure(at('.'))).toMatch(/makes 4 x 16 x 16 latents of 64 x 64 pixels.*take all from one model/);
  });

  it('text encoders of another model', async () => {
    await copyOf('lcm');
    for (const part of ['text_encoder', 'tokenizer']) {
      await rm(at(part), { recursive: true });
      await cp(join(MODELS_DIR, 'sd-turbo', part), at(part), { recursive: true });
    }
    expect(await failure(at('.'))).toMatch(/give 24 numbers a token, the unet takes 16: they are of different models/);
  });

  it('an SDXL without its second text encoder, or with one of the wrong kind', async () => {
    await copyOf('sdxl-turbo');
    await rm(at('text_encoder_2'), { recursive: true });
    expect(await failure(at('.'))).toMatch(/no text_encoder_2: export both/);
    await cp(join(MODELS_DIR, 'lcm/text_encoder'), at('text_encoder_2'), { recursive: true });
    expect(await failure(at('.'))).toMatch(/gives out no hidden states.*export it with all of them/);
  });

  it('a size that the UNet cannot halve', async () => {
    await copyOf('sd-turbo');
    expect(await failure(at('.'), { size: { width: 72, height: 64 } })).toMatch(
      /72 x 64 pixels: .* multiples of 16 only/,
    );
  });
});
