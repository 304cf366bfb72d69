import { describe, expect, it } from 'vitest';
import { chooseData, chooseFiles, chooseVariants, type Choice } from '../../../server/src/cli/pull/choose-files.js';

const CHOICE: Choice = { variant: undefined, safetyChecker: true };

function hubFiles(paths: readonly string[]) {
  return paths.map((path) => ({ path, size: 1, digest: { algorithm: 'git-sha1', hex: '' } }) as const);
}

function choose(paths: readonly string[], choice: Partial<Choice> = {}): string[] {
  return [...chooseFiles(hubFiles(paths), { ...CHOICE, ...choice }).keys()].sort();
}

const VAE = ['vae_decoder/model.onnx', 'vae_encoder/model.onnx'];

describe('the files that a pull takes', () => {
  it('are the graphs and what describes them, and nothing of PyTorch', () => {
    const wanted = [
      'LICENSE.md',
      'feature_extractor/preprocessor_config.json',
      'model_index.json',
      'safety_checker/model.onnx',
      'scheduler/scheduler_config.json',
      'text_encoder/config.json',
      'text_encoder/model.onnx',
      'tokenizer/merges.txt',
      'tokenizer/vocab.json',
      'unet/config.json',
      'unet/model.onnx',
      'vae/config.json',
      ...VAE,
    ];
    const others = [
      '.gitattributes',
      'README.md',
      'lcm.safetensors',
      'onnx_notes/model.onnx',
      'pipeline.py',
      'safety_checker/pytorch_model.bin',
      'text_encoder/model.safetensors',
      'text_encoder/openvino_model.xml',
      'unet/diffusion_pytorch_model.fp16.safetensors',
      'unet/diffusion_pytorch_model.safetensors.index.json',
      'unet/model.onnx_data',
      'unet/old/model.onnx',
    ];
    expect(choose([...others, ...wanted])).toEqual(wanted);
  });

  it('leave the safety checker out if it is not wanted', () => {
    expect(choose(['unet/model.onnx', 'safety_checker/model.onnx', ...VAE], { safetyChecker: false })).toEqual([
      'unet/model.onnx',
      ...VAE,
    ]);
  });

  it('are the graph of a variant in the place of the plain one', () => {
    const files = ['unet/model.onnx', 'unet/model.fp16.onnx', ...VAE];
    expect(choose(files)).toEqual(['unet/model.onnx', ...VAE]);
    expect(choose(files, { variant: 'fp16' })).toEqual(['unet/model.fp16.onnx', ...VAE]);
  });

  it('are the graphs of several variants beside each other', () => {
    const paths = ['unet/model.onnx', 'unet/model_fp16.onnx', 'unet/model_int8.onnx', ...VAE];
    const chosen = (variant: string) => [...chooseVariants(hubFiles(paths), { ...CHOICE, variant }).keys()].sort();
    expect(chosen('plain,int8')).toEqual(['unet/model.onnx', 'unet/model_int8.onnx', ...VAE]);
    expect(chosen('int8')).toEqual(['unet/model_int8.onnx', ...VAE]);
    expect(() => chosen('plain,int4')).toThrow('it has no int4 graphs');
  });

  it('are the data files that graphs name', () => {
    const files = hubFiles([
      'onnx/unet/model.onnx',
      'onnx/unet/weights.safetensors',
      ...VAE.map((path) => `onnx/${path}`),
    ]);
    const graphs = chooseFiles(files, CHOICE);
    const data = (...names: string[]) => chooseData(files, graphs, new Map([['unet/model.onnx', new Set(names)]]));
    const [[path, file] = [], ...more] = data('weights.safetensors');
    expect([path, file?.path, more]).toEqual(['unet/weights.safetensors', 'onnx/unet/weights.safetensors', []]);
    expect([...data('./weights.safetensors').keys()]).toEqual(['unet/weights.safetensors']);
    expect(() => data('model.onnx_data')).toThrow('no onnx/unet/model.onnx_data, with the weights');
    expect(() => data('../../../etc/passwd')).toThrow('leads out of the folder');
  });

  it('are those of a variant that is a folder, or of the only folder there is', () => {
    const inFolder = (name: string) => ['unet/model.onnx', ...VAE].map((path) => `${name}/${path}`);
    const both = [...inFolder('fp16'), ...inFolder('fp32'), 'tokenizer/vocab.json', 'model_index.json'];
    const wanted = ['model_index.json', 'tokenizer/vocab.json', 'unet/model.onnx', ...VAE];
    expect(choose(both, { variant: 'fp16' })).toEqual(wanted);
    expect(choose(inFolder('onnx').concat('tokenizer/vocab.json', 'model_index.json'))).toEqual(wanted);
    expect(() => choose(both)).toThrow('several models (fp16/, fp32/): choose with --variant');
  });

  it('are those of onnx/ beside PyTorch weights, with descriptions from both places', () => {
    const nested = ['unet/model.onnx', 'unet/config.json', 'tokenizer/vocab.json', ...VAE];
    const others = ['unet/diffusion_pytorch_model.safetensors', 'vae/diffusion_pytorch_model.safetensors'];
    const files = hubFiles([
      ...others,
      ...nested.map((path) => `onnx/${path}`),
      ...nested.map((path) => `onnx/fp16/${path}`),
      'model_index.json',
      'scheduler/scheduler_config.json',
      'unet/config.json',
      'vae/config.json',
      'vae_decoder/config.json',
    ]);
    const chosen = [...chooseFiles(files, CHOICE)].map(([path, file]) => [path, file.path]);
    expect(Object.fromEntries(chosen)).toEqual({
      ...Object.fromEntries(nested.map((path) => [path, `onnx/${path}`])),
      'model_index.json': 'model_index.json',
      'scheduler/scheduler_config.json': 'scheduler/scheduler_config.json',
      'vae/config.json': 'vae/config.json',
      'vae_decoder/config.json': 'vae_decoder/config.json',
    });
    const fp16 = chooseFiles(files, { ...CHOICE, variant: 'fp16' });
    expect(fp16.get('unet/model.onnx')?.path).toBe('onnx/fp16/unet/model.onnx');
  });

  it('are an autoencoder alone, for --vae', () => {
    expect(choose([...VAE, 'vae_encoder/config.json'])).toEqual([
      'vae_decoder/model.onnx',
      'vae_encoder/config.json',
      VAE[1],
    ]);
  });

  it.each([
    [['unet/diffusion_pytorch_model.safetensors', 'README.md'], 'holds no ONNX graphs'],
    [['unet/model.onnx', 'vae/diffusion_pytorch_model.safetensors'], 'PyTorch weights only in vae/'],
    [['unet/model.onnx', 'text_encoder/pytorch_model.bin', ...VAE], 'PyTorch weights only in text_encoder/'],
    [['unet/a.onnx', 'unet/b.onnx', ...VAE], 'it has unet/a.onnx, unet/b.onnx: choose with --variant'],
    [['../unet/model.onnx', '../vae_encoder/model.onnx'], 'leads out of the folder'],
    [['a\\..\\b/unet/model.onnx'], 'leads out of the folder'],
    [['/unet/model.onnx'], 'leads out of the folder'],
    [['vae_decoder/model.onnx'], 'no graph in unet/'],
  ])('%j: %s', (paths, message) => {
    expect(() => choose(paths)).toThrow(message);
  });

  it('name the existing graphs when the variant is missing', () => {
    expect(() => choose(['unet/model.onnx', ...VAE], { variant: 'fp16' })).toThrow(
      'no fp16 graphs, only unet/model.onnx',
    );
  });
});
