import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { QUICK } from '../helpers/serve.js';

const COMMAND = fileURLToPath(new URL('../../server/bin/underpaint.js', import.meta.url));

function run(...args: readonly string[]) {
  return spawn(process.execPath, [COMMAND, ...args]);
}

/** Exit code and standard error of a failing command. */
async function failure(...args: readonly string[]): Promise<{ code: number; stderr: string }> {
  const child = run(...args);
  let stderr = '';
  child.stderr.on('data', (text) => (stderr += String(text)));
  child.stdout.resume();
  const [code] = (await once(child, 'close')) as [number];
  return { code, stderr };
}

describe('--device', () => {
  it.each([
    ['of an unknown kind', 'gpu', /^underpaint: there is no device "gpu"; the devices are auto, cpu.*\n$/],
    ['in a list', 'cpu,cuda:x', /^underpaint: there is no device "cuda:x".*\n$/],
    ['that is missing on this machine', 'cuda:63', /^underpaint: \S+ does not load on cuda: .+\n$/],
    ['that cannot be used from Node', 'tensorrt', /^underpaint: tensorrt is not supported: .*use --device cuda\n$/],
    ['beside one that starts', 'cpu,cuda:63', /^underpaint: \S+ does not load on cuda: .+\n$/],
  ])('%s gives an error of one line', async (_name, device, line) => {
    expect(await failure('serve', '--port', '0', ...QUICK, '--device', device)).toEqual({
      code: 2,
      stderr: expect.stringMatching(line) as string,
    });
  });

  it('gives the same error in infer and bench', async () => {
    for (const command of ['infer', 'bench']) {
      const { code, stderr } = await failure(command, '--device', 'gpu');
      expect([code, stderr]).toEqual([2, expect.stringMatching(/^underpaint: there is no device "gpu"; .*\n$/)]);
    }
  });

  it('auto infers with the best device that starts', async () => {
    const output = join(tmpdir(), 'underpaint-auto.jpg');
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...[COMMAND, 'infer', '--device', 'auto', '--steps', '1', '--output', output, '--json'],
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ device: expect.stringMatching(/^(cuda|webgpu|cpu)$/) as string });
    await rm(output);
  });

  it('auto serves with the best device that starts, and logs why the others did not', async () => {
    const child = run('serve', '--port', '0', ...QUICK, '--device', 'auto');
    const lines: { msg: string; device?: string; reason?: string }[] = [];
    child.stdout.resume();
    for await (const line of createInterface({ input: child.stderr })) {
      lines.push(JSON.parse(line) as (typeof lines)[number]);
      if (lines.at(-1)!.msg === 'ready') break;
    }
    child.stderr.resume();
    child.kill('SIGTERM');
    await once(child, 'exit');
    const chosen = lines.find(({ msg }) => msg === 'device chosen')!;
    const refused = lines.filter(({ msg }) => msg === 'device not usable');
    expect([...refused.map(({ device }) => device), chosen.device]).toEqual(
      ['cuda', 'webgpu', 'cpu'].slice(0, refused.length + 1),
    );
    for (const { reason } of refused) expect(reason).toMatch(/.{10}/);
    expect(lines.at(-1)).toMatchObject({ device: chosen.device });
  });
});
