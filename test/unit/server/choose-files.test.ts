import { describe, expect, it } from 'vitest';
import { chooseFiles, type Choice } from '../../../server/src/cli/pull/choose-files.js';

const CHOICE: Choice = { variant: undefined, safetyChecker: true };

function choose(paths: readonly string[], choice: Partial<Choice> = {}): string[] {
  const files = paths.map((path) => ({ path, size: 1, digest: { algorithm: 'git-sha1', hex: '' } }) as const);
  return [...chooseFiles(files, { ...CHOICE, ...choice }).keys()].sort();
}

const VAE = ['vae_decoder/model.onnx', 'vae_encoder/model.onnx'];

describe('the files that a pull takes', () => {
  it('are the graphs, their data and what describes them, and nothing of PyTorch', () => {
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
      'unet/model.onnx_data',
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
      'unet/old/model.onnx',
    ];
    expect(choose([...others, ...wanted])).toEqual(wanted);
  });

  it('leave the safety checker out where it is not wanted', () => {
    expect(choose(['unet/model.onnx', 'safety_checker/model.onnx', ...VAE], { safetyChecker: false })).toEqual([
      'unet/model.onnx',
      ...VAE,
    ]);
  });

  it('are data beside a graph whatever its name, but not that of another graph', () => {
    const files = ['unet/model.onnx', 'unet/Conv_12.weight', 'unet/weights.pb', ...VAE];
    const fp16 = ['unet/model.fp16.onnx', 'unet/model.fp16.onnx.data'];
    expect(choose([...files, ...fp16])).toEqual([...files].sort());
    const withFp16 = choose([...files, ...fp16], { variant: 'fp16' });
    expect(withFp16).toEqual(['unet/Conv_12.weight', ...fp16, 'unet/weights.pb', ...VAE]);
  });

  it('are those of a variant that is a folder, or of the only folder there is', () => {
    const inFolder = (name: string) => ['unet/model.onnx', ...VAE].map((path) => `${name}/${path}`);
    const both = [...inFolder('fp16'), ...inFolder('fp32'), 'tokenizer/vocab.json', 'model_index.json'];
    const wanted = ['model_index.json', 'tokenizer/vocab.json', 'unet/model.onnx', ...VAE];
    expect(choose(both, { variant: 'fp16' })).toEqual(wanted);
    expect(choose(inFolder('onnx').concat('tokenizer/vocab.json', 'model_index.json'))).toEqual(wanted);
    expect(() => choose(both)).toThrow('several models (fp16/, fp32/): choose with --variant');
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
    [['unet/model.onnx', 'unet/a\u0000b'], 'leads out of the folder'],
    [['vae_decoder/model.onnx'], 'no graph in unet/'],
  ])('%j: %s', (paths, message) => {
    expect(() => choose(paths)).toThrow(message);
  });

  it('say which graphs there are when the variant is not', () => {
    expect(() => choose(['unet/model.onnx', ...VAE], { variant: 'fp16' })).toThrow(
      'no fp16 graphs, only unet/model.onnx',
    );
  });
});
