import { UsageError } from '../../../errors.js';

/** The cost of a UNet call in ms: `callMs`, and `rowMs` more for each row. Everything else is free. */
export interface FakeCost {
  readonly callMs: number;
  readonly rowMs: number;
}

/**
 * Reads `fake:10ms+1ms`; undefined for a real device.
 *
 * @throws UsageError
 */
export function parseFakeDevice(device: string): FakeCost | undefined {
  if (!device.startsWith('fake:')) return undefined;
  const [, callMs, rowMs] = /^fake:([\d.]+)ms\+([\d.]+)ms$/.exec(device) ?? [];
  if (callMs === undefined) throw new UsageError(`the name of a fake device is like fake:10ms+1ms, not "${device}"`);
  return { callMs: Number(callMs), rowMs: Number(rowMs) };
}
