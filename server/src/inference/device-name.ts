import { UsageError } from '../errors.js';
import type { Device } from '../pipeline/graphs/ort.js';

const DEVICES: readonly Device[] = ['cpu', 'cuda', 'webgpu'];

/** The devices that `auto` tries before the CPU. */
export const BEST_FIRST: readonly Device[] = ['cuda', 'webgpu'];

/** Why the other devices have no number. */
const ONLY_ONE: Partial<Record<Device, string>> = {
  cpu: 'it has all cores; --workers and --threads divide them',
  webgpu: "ONNX Runtime uses the system's default adapter, which the driver's settings select",
};

/**
 * onnxruntime-node passes TensorRT the number of the device only, and TensorRT reads its environment variables only if it
 * gets no options at all (microsoft/onnxruntime#18380).
 */
const NO_TENSORRT =
  'tensorrt is not supported: ONNX Runtime for Node can set neither its engine cache nor its half precision, so it would ' +
  'build its engines for minutes at every start; use --device cuda';

export interface DeviceName {
  readonly device: Device;
  readonly deviceId: number;
}

/**
 * Reads `cuda:1`: a device and its number.
 *
 * @throws UsageError when the device does not exist or is not supported
 */
export function parseDevice(text: string): DeviceName {
  const [, name, id = '0'] = /^([a-z]+)(?::(\d{1,3}))?$/.exec(text) ?? [];
  const device = DEVICES.find((one) => one === name);
  if (device && (device === 'cuda' || id === '0')) return { device, deviceId: Number(id) };
  if (device) throw new UsageError(`there is one ${device} only, not "${text}": ${ONLY_ONE[device]}`);
  if (name === 'tensorrt') throw new UsageError(NO_TENSORRT);
  throw new UsageError(`there is no device "${text}"; the devices are auto, ${DEVICES.join(', ')}, as in cuda:1`);
}
