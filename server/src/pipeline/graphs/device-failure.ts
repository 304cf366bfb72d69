/**
 * A call that failed because of the device, not because of its inputs. The device is no longer reliable; its owner must
 * start it again.
 */
export class DeviceFailure extends Error {
  override readonly name = 'DeviceFailure';
  readonly outOfMemory: boolean;

  constructor(message: string, options: ErrorOptions & { readonly outOfMemory: boolean }) {
    super(message, options);
    this.outOfMemory = options.outOfMemory;
  }
}

/** Messages of ONNX Runtime, CUDA, Dawn and the C++ library when memory runs out. */
const OUT_OF_MEMORY =
  /out[ _-]?of[ _-]?(?:host[ _]|device[ _])?memory|bad[ _]alloc|failed to allocate|MemoryAllocation|ALLOC_FAILED|smaller than requested bytes/i;
/** Messages when a device is lost, or needs a new process to recover. */
const LOST =
  /device (?:is |was )?lost|DEVICE_LOST|CUDA (?:failure|error)|CUDNN_STATUS|CUBLAS_STATUS|illegal (?:memory access|address)|launch failure/i;

/** The same error, or a `DeviceFailure` if its message means one. */
export function asDeviceFailure(error: unknown, device: string): unknown {
  const text = error instanceof Error ? error.message : String(error);
  const cause = { cause: error };
  if (OUT_OF_MEMORY.test(text)) {
    return new DeviceFailure(`${device} has too little memory for this model at this size`, {
      ...cause,
      outOfMemory: true,
    });
  }
  if (!LOST.test(text)) return error;
  const [line = ''] = text.split('\n');
  return new DeviceFailure(`${device} failed: ${line.slice(0, 200)}`, { ...cause, outOfMemory: false });
}
