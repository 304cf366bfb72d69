import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ModelError } from '../../server/src/pipeline/errors.js';
import { loadPipeline, type PipelineOptions } from '../../server/src/pipeline/lcm-pipeline.js';
import { makeModelFolder, PARITY_DIR } from './model-folder-fixture.js';

describe('a folder that cannot be served gives one clear line:', () => {
  let folder: Awaited<ReturnType<typeof makeModelFolder>>;
  const at = (path: string): string => join(folder.dir, path);

  beforeEach(async () => {
    folder = await makeModelFolder();
  });
  afterEach(() => folder.dispose());

  async function failure(dir = folder.dir, options: PipelineOptions = {}): Promise<string> {
    const error: unknown = await loadPipeline(dir, options).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ModelError);
    const { message } = error as ModelError;
    expect(message).not.toContain('\n');
    expect(message.length).toBeLessThan(500);
    return message;
  }

  it('none', async () => {
    expect(await failure(at('nowhere'))).toMatch(/^there is no model folder .*nowhere$/);
  });

  it('a file', async () => {
    expect(await failure(at('model_index.json'))).toContain('is a file');
  });

  it.each(['unet', 'text_encoder', 'vae_encoder', 'vae_decoder'])('without %s', async (component) => {
    await rm(at(component), { recursive: true });
    expect(await failure()).toContain(join(component, 'model.onnx') + ' is missing');
  });

  it.each(['unet', 'text_encoder', 'vae_encoder', 'vae_decoder'])('with %s cut short', async (component) => {
    const path = at(`${component}/model.onnx`);
    const whole = await readFile(path);
    await writeFile(path, whole.subarray(0, whole.length / 2));
    expect(await failure()).toContain(`${path} does not load on cpu`);
  });

  it('with an empty graph', async () => {
    await writeFile(at('unet/model.onnx'), '');
    expect(await failure()).toContain('unet/model.onnx does not load');
  });

  it('with PyTorch weights only', async () => {
    await rm(at('unet/model.onnx'));
    await writeFile(at('unet/diffusion_pytorch_model.safetensors'), '');
    expect(await failure()).toContain('PyTorch weights only');
  });

  it('without a scheduler', async () => {
    await rm(at('scheduler'), { recursive: true });
    expect(await failure()).toContain('scheduler_config.json is missing');
  });

  it.each([
    ['of many steps', { _class_name: 'PNDMScheduler' }, /names PNDMScheduler: set _class_name/],
    ['with a field of the wrong type', { _class_name: 'LCMScheduler', beta_start: 'low' }, /beta_start: .*number/],
    ['with an unknown beta schedule', { _class_name: 'LCMScheduler', beta_schedule: 'sine' }, /beta schedule sine/],
    ['with an unknown prediction', { _class_name: 'LCMScheduler', prediction_type: 'flow' }, /prediction type flow/],
  ])('with a scheduler %s', async (_name, config, message) => {
    await writeFile(at('scheduler/scheduler_config.json'), JSON.stringify(config));
    expect(await failure()).toMatch(message);
  });

  it('with a configuration that is no JSON', async () => {
    await writeFile(at('unet/config.json'), '{"sample_size": 8');
    expect(await failure()).toContain('unet/config.json is not JSON');
  });

  it('without a tokenizer', async () => {
    await rm(at('tokenizer'), { recursive: true });
    expect(await failure()).toContain('vocab.json is missing');
  });

  it('whose graph is of another kind', async () => {
    await writeFile(at('unet/model.onnx'), await readFile(join(PARITY_DIR, 'models/taesd_encoder.onnx')));
    expect(await failure()).toMatch(/unet.model\.onnx has no input timestep, only sample/);
  });

  it('with an encoder where the decoder belongs', async () => {
    await writeFile(at('vae_decoder/model.onnx'), await readFile(at('vae_encoder/model.onnx')));
    expect(await failure()).toContain('has no input latent_sample');
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
