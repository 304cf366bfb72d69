import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openExtended, PLAIN, type Extension } from '../../server/src/pipeline/graphs/extended-graph.js';
import { LatentScaling } from '../../server/src/pipeline/graphs/latent-scaling.js';
import type { TensorValue } from '../../server/src/pipeline/graphs/ort.js';
import { floatsOf, floatTensor } from '../../server/src/pipeline/graphs/tensor.js';
import { decoderExtension, VaeDecoder } from '../../server/src/pipeline/graphs/vae-decoder.js';
import { writeOnnx, type GraphDescription, type Initializer, type TypeName } from '../helpers/onnx-writer.js';

const LANDSCAPE = fileURLToPath(new URL('../../models/landscape', import.meta.url));
const CPU = { device: 'cpu', deviceId: 0, threads: 1 } as const;

let work: string;
const at = (path: string): string => join(work, path);
beforeEach(async () => void (work = await mkdtemp(join(tmpdir(), 'underpaint-extended-'))));
afterEach(() => rm(work, { recursive: true }));

/** y = x + w */
function sum(type: TypeName, w: Initializer, changes: Partial<GraphDescription> = {}): Promise<void> {
  const value = (name: string) => ({ name, type, shape: ['batch', 2] });
  const nodes = [{ operator: 'Add', inputs: ['x', 'w'], outputs: ['y'] }];
  const graph = { inputs: [value('x')], outputs: [value('y')], nodes, initializers: [w], ...changes };
  return writeFile(at('model.onnx'), writeOnnx(graph));
}

/** Gives the graph twice what callers give, and half of its answer back. */
const DOUBLED: Extension = {
  check: () => undefined,
  extend(specs, added) {
    added.feed(specs.input('x'), added.node('Mul', [added.input('half', 'float32', ['', 2]), added.floats([2])]));
    const answer = added.cast('y', 'float32');
    const halved = { operator: 'Mul', inputs: [answer, added.floats([0.5])] };
    added.output({ name: 'half of it', type: 'float32', shape: ['', 2] }, halved);
    return ['y'];
  },
};

const X: TensorValue = floatTensor(Float32Array.of(1, -2), [1, 2]);

async function answer(extension: Extension, input: string, output: string): Promise<number[]> {
  const graph = await openExtended(at('model.onnx'), extension, CPU);
  const [result] = await graph.run({ [input]: X }, [output]);
  await graph.dispose();
  return [...floatsOf(result!)];
}

describe('an extended graph', () => {
  it('has nodes before and after its own, and weights in a file beside it', async () => {
    await writeFile(at('weights.bin'), Float32Array.of(9, 10, 20));
    await sum('float32', {
      name: 'w',
      type: 'float32',
      shape: [2],
      data: { location: 'weights.bin', offset: '4', length: '8' },
    });
    expect(await answer(DOUBLED, 'half', 'half of it')).toEqual([6, 8]);
  });

  it.each([
    ['float16', Uint16Array.of(0x4900, 0x4d00)],
    ['float64', Float64Array.of(10, 20)],
  ] as const)('of %s takes and gives single precision', async (type, values) => {
    await sum(type, { name: 'w', type, shape: [2], data: new Uint8Array(values.buffer) });
    expect(await answer(PLAIN, 'x', 'y')).toEqual([11, 18]);
    expect(await answer(DOUBLED, 'half', 'half of it')).toEqual([6, 8]);
  });

  it('of an old exporter lists its weights among its inputs', async () => {
    const value = (name: string, shape: (number | string)[]) => ({ name, type: 'float16', shape }) as const;
    const w = new Uint8Array(Uint16Array.of(0x4900, 0x4d00).buffer);
    const inputs = [value('x', ['batch', 2]), value('w', [2])];
    await sum('float16', { name: 'w', type: 'float16', shape: [2], data: w }, { inputs, irVersion: 3, opset: 11 });
    expect(await answer(PLAIN, 'x', 'y')).toEqual([11, 18]);
  });

  it('may have weights longer than what is read at once', async () => {
    const large = { name: 'large', type: 'float32', shape: [100_000], data: new Uint8Array(400_000) } as const;
    const w = { name: 'w', type: 'float32', shape: [2], data: new Uint8Array(Float32Array.of(10, 20).buffer) } as const;
    await sum('float32', w, { initializers: [large, w] });
    expect(await answer(DOUBLED, 'half', 'half of it')).toEqual([6, 8]);
  });

  it('gives its own inputs out to tools', async () => {
    const w = new Uint8Array(Uint16Array.of(0x4900, 0x4d00).buffer);
    await sum('float16', { name: 'w', type: 'float16', shape: [2], data: w });
    const graph = await openExtended(at('model.onnx'), DOUBLED, { ...CPU, revealed: true });
    const [x] = await graph.run({ half: X }, ['x']);
    expect([x!.type, ...x!.data]).toEqual(['float16', 0x4000, 0xc400]);
    await graph.dispose();
  });

  it('is kept with its extension, and made again if that changes', async () => {
    await cp(join(LANDSCAPE, 'vae_decoder'), at('vae_decoder'), { recursive: true });
    const decoded = async (factor: number) => {
      const options = { ...CPU, optimisedDir: () => at('kept') };
      const extension = decoderExtension(LatentScaling.of({ scaling_factor: factor }, 1));
      const decoder = new VaeDecoder(await openExtended(at('vae_decoder/model.onnx'), extension, options));
      const latents = Float32Array.from({ length: 12 * 16 * 16 }, (_, i) => Math.sin(i / 97));
      const [picture] = await decoder.decode([latents], { channels: 12, height: 16, width: 16 });
      await decoder.dispose();
      return picture;
    };
    const first = await decoded(1);
    const kept = await readdir(at('kept/vae_decoder'));
    expect(await decoded(1)).toEqual(first);
    expect(await readdir(at('kept/vae_decoder'))).toEqual(kept);
    expect(await decoded(0.5)).not.toEqual(first);
    expect(await readdir(at('kept/vae_decoder'))).toEqual([expect.not.stringContaining(kept[0]!)]);
  });
});
