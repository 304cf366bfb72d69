import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DeviceConditions } from '../../server/src/pipeline/graphs/device-conditions.js';
import { DeviceTensor, type TensorValue } from '../../server/src/pipeline/graphs/ort.js';
import { RowStack } from '../../server/src/pipeline/graphs/row-stack.js';
import { floatTensor } from '../../server/src/pipeline/graphs/tensor.js';

/** The memory of this device is that of the machine, so that results can be read. */
const CPU = { device: 'cpu', deviceId: 0, threads: 1 } as const;

/** Words of three tokens of two numbers. */
const words = (value: number): TensorValue => floatTensor(new Float32Array(6).fill(value), [3, 2]);

describe('conditions that stay on the device', () => {
  let conditions: DeviceConditions;
  const stacks = new RowStack();
  beforeAll(async () => void (conditions = await DeviceConditions.open(CPU)));
  afterAll(() => conditions.dispose());

  async function held(rows: readonly TensorValue[], count = rows.length) {
    const stack = vi.fn(() => stacks.stack('words', rows, count));
    const value = await conditions.hold({ name: 'words', rows, count, stack });
    return { value, isSent: stack.mock.calls.length > 0 };
  }

  it('are sent once for all calls with the same rows', async () => {
    const [one, other] = [words(1), words(2)];
    const first = await held([one, other]);
    expect(first.isSent).toBe(true);
    expect((first.value as DeviceTensor).shape).toEqual([2, 3, 2]);
    expect((first.value as DeviceTensor).tensor.data).toEqual(Float32Array.of(1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2));
    expect(await held([one, other])).toEqual({ value: first.value, isSent: false });
  });

  it('are sent again when a row joins, leaves, changes or is filled up, and the old ones are freed', async () => {
    const [one, other] = [words(1), words(2)];
    for (const [rows, count] of [[[one]], [[one, other]], [[other, one]], [[other, one], 4]] as const) {
      const before = (await held([words(7)])).value as DeviceTensor;
      const dispose = vi.spyOn(before, 'dispose');
      const { value, isSent } = await held(rows, count);
      expect(isSent).toBe(true);
      expect(dispose).toHaveBeenCalledOnce();
      const numbers = (value as DeviceTensor).tensor.data as Float32Array;
      expect([...numbers.subarray(0, 6 * rows.length)]).toEqual(
        rows.flatMap(({ data }) => [...(data as Float32Array)]),
      );
    }
  });

  it('are not worth it for single numbers', async () => {
    const { value, isSent } = await held([floatTensor(Float32Array.of(1), [1])]);
    expect([value instanceof DeviceTensor, isSent]).toEqual([false, true]);
  });
});
