import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../../server/src/errors.js';
import { optimisedDirOf } from '../../../server/src/inference/cache-folder.js';
import { availableCores, quotaInCores } from '../../../server/src/inference/host/cores.js';
import { parseDevice } from '../../../server/src/inference/device-name.js';
import { whyNoGraphics } from '../../../server/src/inference/host/graphics-hardware.js';
import { asDeviceFailure, DeviceFailure } from '../../../server/src/pipeline/graphs/device-failure.js';

let root: string;
beforeEach(async () => void (root = await mkdtemp(join(tmpdir(), 'underpaint-devices-'))));
afterEach(() => rm(root, { recursive: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

describe('a device', () => {
  it.each([
    ['cpu', 'cpu', 0],
    ['webgpu', 'webgpu', 0],
    ['cuda:1', 'cuda', 1],
  ])('reads %s', (text, device, deviceId) => {
    expect(parseDevice(text)).toEqual({ device, deviceId });
  });

  it.each(['gpu', 'CUDA', 'cuda:', 'cuda:-1', 'cuda:x', ''])('rejects "%s"', (text) => {
    expect(() => parseDevice(text)).toThrow(UsageError);
    expect(() => parseDevice(text)).toThrow(/there is no device .*; the devices are auto, cpu, cuda, webgpu/);
  });

  it.each(['tensorrt', 'tensorrt:1'])('rejects %s with the reason and the alternative', (text) => {
    expect(() => parseDevice(text)).toThrow(/^tensorrt is not supported: .*engine cache.*; use --device cuda$/);
  });

  it.each(['cpu:1', 'webgpu:1'])('rejects the number of %s', (text) => {
    expect(() => parseDevice(text)).toThrow(/there is one \w+ only/);
  });
});

describe('the usable cores', () => {
  it('are all cores without a limit', async () => {
    await put('proc/self/cgroup', '0::/user\n');
    await put('sys/fs/cgroup/user/cpu.max', 'max 100000\n');
    expect(quotaInCores(root)).toBe(Infinity);
    expect(availableCores()).toBeGreaterThanOrEqual(1);
  });

  it('are those of the parent group if it has fewer', async () => {
    await put('proc/self/cgroup', '0::/pod/container\n');
    await put('sys/fs/cgroup/pod/container/cpu.max', '400000 100000\n');
    await put('sys/fs/cgroup/pod/cpu.max', '150000 100000\n');
    expect(quotaInCores(root)).toBe(1.5);
  });

  it('are read in a container whose own group is the root', async () => {
    await put('proc/self/cgroup', '0::/\n');
    await put('sys/fs/cgroup/cpu.max', '200000 100000\n');
    expect(quotaInCores(root)).toBe(2);
  });

  it('are read from the first version of control groups', async () => {
    await put('proc/self/cgroup', '5:memory:/docker/1\n4:cpu,cpuacct:/docker/1\n');
    await put('sys/fs/cgroup/cpu/docker/1/cpu.cfs_quota_us', '300000\n');
    await put('sys/fs/cgroup/cpu/docker/1/cpu.cfs_period_us', '100000\n');
    await put('sys/fs/cgroup/cpu/cpu.cfs_quota_us', '-1\n');
    await put('sys/fs/cgroup/cpu/cpu.cfs_period_us', '100000\n');
    expect(quotaInCores(root)).toBe(3);
  });
});

describe('auto', () => {
  it('skips webgpu if it would run in software', () => {
    expect(whyNoGraphics('linux', () => false)).toMatch(/^there is no GPU/);
    expect(whyNoGraphics('linux', (path) => path === '/dev/dri/renderD128')).toBeUndefined();
    expect(whyNoGraphics('darwin', () => false)).toBeUndefined();
  });
});

describe('the folder of optimised graphs', () => {
  it('is in the model folder', () => {
    expect(optimisedDirOf(root, {})()).toBe(join(root, '.optimised'));
  });

  it('is in the cache if the model is read-only', async () => {
    const model = join(root, 'model');
    await writeFile(model, '');
    const env = { XDG_CACHE_HOME: join(root, 'cache') };
    expect(optimisedDirOf(model, env)()).toBe(join(root, 'cache/underpaint/optimised/model'));
  });
});

describe('an error of the runtime', () => {
  it.each([
    'Non-zero status code returned while running Conv node. CUDA error: out of memory',
    'BFCArena::AllocateRawInternal Available memory of 100 is smaller than requested bytes of 200',
    'Failed to allocate memory for requested buffer of size 1677721600',
    'std::bad_alloc',
    'vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY',
    'CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED',
  ])('reports too little memory: %s', (text) => {
    const failure = asDeviceFailure(new Error(text), 'cuda');
    expect(failure).toBeInstanceOf(DeviceFailure);
    expect(failure).toMatchObject({
      outOfMemory: true,
      message: expect.stringMatching(/^cuda has too little memory/) as string,
    });
  });

  it.each(['CUDA failure 700: an illegal memory access was encountered', 'WebGPU device lost (2): gone'])(
    'reports a lost device: %s',
    (text) => expect(asDeviceFailure(new Error(text), 'webgpu')).toMatchObject({ outOfMemory: false }),
  );

  it('stays unchanged if it is neither', () => {
    const error = new Error('Got invalid dimensions for input: sample');
    expect(asDeviceFailure(error, 'cpu')).toBe(error);
  });
});
