import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Measurements, speedKey } from '../../../server/src/inference/measurements.js';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'underpaint-measurements-'))));
afterEach(() => rm(folder, { recursive: true }));

const isNumber = (value: unknown): value is number => typeof value === 'number';
const of = (key: string) => new Measurements(() => folder, key);

it('are found by the next start under the same key and name only', async () => {
  await of('a').keep(['pace', 2], 42);
  expect(await of('a').read(['pace', 2], isNumber)).toBe(42);
  expect(await of('a').read(['pace', 1], isNumber)).toBeUndefined();
  expect(await of('b').read(['pace', 2], isNumber)).toBeUndefined();
});

it('are replaced by newer ones', async () => {
  await of('a').keep(['pace'], 1);
  await of('a').keep(['pace'], 2);
  expect(await of('a').read(['pace'], isNumber)).toBe(2);
});

it('are ignored if they are damaged, of another form, or cannot be written', async () => {
  await of('a').keep(['pace'], 'fast');
  expect(await of('a').read(['pace'], isNumber)).toBeUndefined();
  const [file] = await readdir(join(folder, 'measured'));
  await writeFile(join(folder, 'measured', file!), '{"rows":');
  expect(await of('a').read(['pace'], isNumber)).toBeUndefined();
  await expect(new Measurements(() => join(folder, 'measured', file!), 'a').keep(['pace'], 1)).resolves.toBeUndefined();
});

it('fill no disk: the oldest go', async () => {
  await of('a').keep(['first'], 1);
  const [file] = await readdir(join(folder, 'measured'));
  await utimes(join(folder, 'measured', file!), 1, 1);
  for (let i = 0; i < 70; i++) await of('a').keep(['later', i], i);
  expect(await readdir(join(folder, 'measured'))).toHaveLength(64);
  expect(await of('a').read(['first'], isNumber)).toBeUndefined();
  expect(await of('a').read(['later', 69], isNumber)).toBe(69);
});

it('belong to a model as its files, its settings and the runtime are', async () => {
  await mkdir(join(folder, 'unet'));
  await writeFile(join(folder, 'unet', 'model.onnx'), 'graph');
  const facts = { runtime: '1', folders: [folder, ''], info: { device: 'cpu', width: 8 } };
  const key = await speedKey(facts);
  expect(await speedKey(facts)).toBe(key);
  expect(await speedKey({ ...facts, runtime: '2' })).not.toBe(key);
  expect(await speedKey({ ...facts, info: { device: 'cpu', width: 16 } })).not.toBe(key);
  await of('a').keep(['pace'], 1);
  expect(await speedKey(facts)).toBe(key);
  await writeFile(join(folder, 'unet', 'model_int8.onnx'), 'graph');
  expect(await speedKey(facts)).not.toBe(key);
});
