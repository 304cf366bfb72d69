import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { softwareVulkan } from '../helpers/vulkan.js';
import { makeModelFolder } from '../pipeline/model-folder-fixture.js';

const PROGRAM = fileURLToPath(new URL('../helpers/render-on.mjs', import.meta.url));
const LANDSCAPE = fileURLToPath(new URL('../../models/landscape', import.meta.url));

const vulkan = softwareVulkan();
if (!vulkan) {
  console.warn('\n*** webgpu is not tested: no Chromium with SwiftShader (vk_swiftshader_icd.json) was found ***\n');
}

interface Rendered {
  readonly latents: readonly number[];
  readonly pixels: readonly number[];
}

async function renderOn(device: string, dir: string, size: number, steps: number): Promise<Rendered[]> {
  const env = { ...process.env, ...(device === 'webgpu' ? vulkan : {}) };
  const args = [PROGRAM, device, dir, String(size), String(steps)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, maxBuffer: 1 << 28 });
  return JSON.parse(stdout) as Rendered[];
}

function worst(a: readonly number[], b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

describe.skipIf(!vulkan)('webgpu, on a Vulkan of software, paints what the processor paints', () => {
  let folder: Awaited<ReturnType<typeof makeModelFolder>>;
  beforeAll(async () => void (folder = await makeModelFolder()));
  afterAll(() => folder.dispose());

  it.each([
    ['a tiny latent consistency model', () => folder.dir, 64, 2],
    ['the embedded model, small', () => LANDSCAPE, 64, 1],
  ])('%s', async (_name, dir, size, steps) => {
    const [expected, got] = await Promise.all([
      renderOn('cpu', dir(), size, steps),
      renderOn('webgpu', dir(), size, steps),
    ]);
    expect(got).toHaveLength(6);
    for (const [i, { latents, pixels }] of expected.entries()) {
      expect(worst(got[i]!.latents, latents)).toBeLessThanOrEqual(1e-3);
      expect(worst(got[i]!.pixels, pixels)).toBeLessThanOrEqual(2);
    }
    // A row does not depend on those that share its call.
    expect(worst(got[1]!.latents, got[0]!.latents)).toBeLessThanOrEqual(1e-3);
  });

  it('a graph in half precision is refused in one line where the driver has no such numbers', async () => {
    const model = fileURLToPath(new URL('../fixtures/models/sd-turbo-fp16', import.meta.url));
    await expect(renderOn('webgpu', model, 64, 1)).rejects.toThrow(
      /model\.onnx does not load on webgpu: it is in half precision, which this device cannot do/,
    );
  });
});
