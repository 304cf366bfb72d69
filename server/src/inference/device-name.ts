import { UsageError } from '../errors.js';
import type { Device } from '../pipeline/ort.js';

const DEVICES: readonly Device[] = ['cpu', 'cuda', 'tensorrt', 'webgpu'];

/** What `auto` tries before the processor; tensorrt is for who asks for it, because it builds its engines for minutes. */
export const BEST_FIRST: readonly Device[] = ['cuda', 'webgpu'];

/** Why the others have no number. */
const ONLY_ONE: Partial<Record<Device, string>> = {
  cpu: 'it has all cores, --workers and --threads share them',
  webgpu: "ONNX Runtime takes the system's adapter, which the driver's own settings choose",
};

export interface DeviceName {
  readonly device: Device;
  readonly deviceId: number;
}

/**
 * Reads `cuda:1`: a device and which of several.
 *
 * @throws UsageError when there is no such device
 */
export function parseDevice(text: string): DeviceName {
  const [, name, id = '0'] = /^([a-z]+)(?::(\d{1,3}))?$/.exec(text) ?? [];
  const device = DEVICES.find((one) => one === name);
  const isNumbered = device === 'cuda' || device === 'tensorrt';
  if (device && (isNumbered || id === '0')) return { device, deviceId: Number(id) };
  if (device) throw new UsageError(`there is one ${device} only, not "${text}": ${ONLY_ONE[device]}`);
  throw new UsageError(`there is no device "${text}"; the devices are auto, ${DEVICES.join(', ')}, as in cuda:1`);
}
