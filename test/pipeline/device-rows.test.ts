import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  DeviceRows,
  rowsOnDevice,
  type DeviceRow,
  type Latents,
} from '../../server/src/pipeline/graphs/device-rows.js';
import { DeviceTensor } from '../../server/src/pipeline/graphs/ort.js';
import { floatTensor } from '../../server/src/pipeline/graphs/tensor.js';

/** The memory of this device is that of the machine, so that results can be read. */
const CPU = { device: 'cpu', deviceId: 0, threads: 1 } as const;

/** Latents of two numbers. */
const row = (value: number) => Float32Array.of(value, -value);
const stack = (rows: readonly Float32Array[]) =>
  floatTensor(Float32Array.from(rows.flatMap((one) => [...one])), [rows.length, 1, 1, 2]);

function result(...values: number[]) {
  const { type, data } = stack(values.map(row));
  const dispose = vi.fn();
  const tensor = new DeviceTensor({ type, data, dims: [values.length, 1, 1, 2], location: 'cpu', dispose } as never);
  const rows = rowsOnDevice(
    tensor,
    values.map((_, i) => i),
  );
  return { tensor, dispose, rows: [...rows.values()] as [DeviceRow, DeviceRow, DeviceRow] };
}

describe('rows that stay on the device between two steps', () => {
  let rows: DeviceRows;
  beforeAll(async () => void (rows = await DeviceRows.open(CPU)));
  afterAll(() => rows.dispose());

  async function gathered(latents: readonly Latents[], count = latents.length): Promise<number[]> {
    const { value, free } = await rows.gather(latents, stack, count);
    const numbers = [...((value as DeviceTensor).tensor.data as Float32Array)];
    free();
    expect(numbers.filter((_, i) => i % 2 === 1)).toEqual(numbers.filter((_, i) => i % 2 === 0).map((one) => -one));
    return numbers.filter((_, i) => i % 2 === 0);
  }

  it('are fed as they are if all continue in their order', async () => {
    const { tensor, rows: held } = result(1, 2, 3);
    expect((await rows.gather(held, stack, 3)).value).toBe(tensor);
  });

  it('are put together in any order, with those of other results and those that just begin', async () => {
    const [a, b, c] = [result(1, 2, 3), result(4, 5), result(6, 7)];
    expect(await gathered([a.rows[2], a.rows[0]])).toEqual([3, 1]);
    expect(await gathered([a.rows[0], a.rows[1]])).toEqual([1, 2]);
    expect(await gathered([b.rows[1], row(8), a.rows[0], row(9), c.rows[0]])).toEqual([5, 8, 1, 9, 6]);
  });

  it('are repeated where a call has more rows', async () => {
    const [a, b] = [result(1, 2, 3), result(4)];
    expect(await gathered(a.rows, 4)).toEqual([1, 2, 3, 1]);
    expect(await gathered([b.rows[0], row(5), a.rows[1]], 4)).toEqual([4, 5, 2, 4]);
  });

  it('are read by their numbers', async () => {
    const { tensor } = result(1, 2, 3);
    expect(await rows.read(tensor, [2, 0])).toEqual(
      new Map([
        [2, row(3)],
        [0, row(1)],
      ]),
    );
    expect(await rows.read(tensor, [])).toEqual(new Map());
  });

  it('are freed together, when each has been used', () => {
    const { rows: held, dispose } = result(1, 2);
    held[0].release();
    expect(dispose).not.toHaveBeenCalled();
    held[1].release();
    expect(dispose).toHaveBeenCalledOnce();
  });
});
