import { UsageError } from '../errors.js';
import type { Device } from '../pipeline/graphs/ort.js';

const DEVICES: readonly Device[] = ['cpu', 'cuda', 'webgpu'];

/** What `auto` tries before the processor. */
export const BEST_FIRST: readonly Device[] = ['cuda', 'webgpu'];

/** Why the others have no number. */
const ONLY_ONE: Partial<Record<Device, string>> = {
  cpu: 'it has all cores, --workers and --threads share them',
  webgpu: "ONNX Runtime takes the system's adapter, which the driver's own settings choose",
};

/**
 * The binding of onnxruntime-node gives TensorRT the number of the device and nothing else, and TensorRT reads its
 * environment variables only where it is given no options at all (microsoft/onnxruntime#18380).
 */
const NO_TENSORRT =
  'tensorrt is not supported: ONNX Runtime for Node can set neither its engine cache nor its half precision, so it would ' +
  'build its engines for minutes at every start; use --device cuda';

export interface DeviceName {
  readonly device: Device;
  readonly deviceId: number;
}

/**
 * Reads `cuda:1`: a device and which of several.
 *
 * @throws UsageError when there is no such device, or it cannot be used
 */
export function parseDevice(text: string): DeviceName {
  const [, name, id = '0'] = /^([a-z]+)(?::(\d{1,3}))?$/.exec(text) ?? [];
  const device = DEVICES.find((one) => one === name);
  if (device && (device === 'cuda' || id === '0')) return { device, deviceId: Number(id) };
  if (device) throw new UsageError(`there is one ${device} only, not "${text}": ${ONLY_ONE[device]}`);
  if (name === 'tensorrt') throw new UsageError(NO_TENSORRT);
  throw new UsageError(`there is no device "${text}"; the devices are auto, ${DEVICES.join(', ')}, as in cuda:1`);
}
