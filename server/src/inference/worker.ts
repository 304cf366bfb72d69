import { Worker as Thread } from 'node:worker_threads';
import { FrameError } from '../errors.js';
import type { RenderRequest, ServedModel } from './executor.js';
import { decodeImage, encodeJpeg } from './image.js';
import type { FromDevice, FromWorker, ToDevice, ToWorker, WorkerOptions } from './messages.js';

/*
 * Entry of the worker process: JPEG bytes in, JPEG bytes out. A process of its own, because a native crash or an
 * out-of-memory takes its process with it. This thread decodes the next pictures and encodes the last ones while the
 * device thread runs the model.
 */

interface Frame {
  readonly quality: number;
  decodeMs: number;
  cancelled: boolean;
}

const options = JSON.parse(process.argv[2]!) as WorkerOptions;
const device = new Thread(new URL('./device.js', import.meta.url), { workerData: options });
const frames = new Map<number, Frame>();
const encoding = new Set<Promise<void>>();
let deviceRuns = true;
let model: ServedModel | undefined;

function toParent(message: FromWorker): void {
  process.send!(message);
}

function toDevice(message: ToDevice, transfer: ArrayBuffer[] = []): void {
  device.postMessage(message, transfer);
}

async function render(id: number, request: RenderRequest): Promise<void> {
  const frame: Frame = { quality: request.quality, decodeMs: 0, cancelled: false };
  frames.set(id, frame);
  const startedMs = performance.now();
  try {
    const { width, height } = model!;
    const pixels = await decodeImage(request.data, { width, height, maxPixels: options.maxFramePixels });
    frame.decodeMs = performance.now() - startedMs;
    const { data, quality, ...rest } = request;
    if (!frame.cancelled) return toDevice({ type: 'row', id, request: rest, pixels }, [pixels.buffer]);
    toParent({ type: 'cancelled', id });
  } catch (error) {
    const { code, message } = error instanceof FrameError ? error : new FrameError('bad-image', String(error));
    toParent({ type: 'error', id, code, message });
  }
  frames.delete(id);
  toDevice({ type: 'forgo' });
}

async function encode({ id, pixels, steps, inferMs }: Extract<FromDevice, { type: 'pixels' }>): Promise<void> {
  const { width, height } = model!;
  const { quality, decodeMs } = frames.get(id)!;
  frames.delete(id);
  const startedMs = performance.now();
  const data = await encodeJpeg(pixels, { width, height, quality });
  const timing = { decodeMs, inferMs, encodeMs: performance.now() - startedMs };
  toParent({ type: 'image', id, image: { data, width, height, steps, timing } });
}

function track(work: Promise<void>): void {
  encoding.add(work);
  void work.finally(() => encoding.delete(work));
}

function cancel(id: number): void {
  const frame = frames.get(id);
  if (!frame) return;
  frame.cancelled = true;
  toDevice({ type: 'cancel', id });
}

process.on('message', (message: ToWorker) => {
  if (message.type === 'render') void render(message.id, message.request);
  else if (message.type === 'cancel') cancel(message.id);
  else toDevice({ type: 'stop' });
});
// Without its parent nobody would ever stop it, and a thread in a native call can only be killed with its process.
process.on('disconnect', () => {
  if (deviceRuns) process.kill(process.pid, 'SIGKILL');
});

device.on('message', (message: FromDevice) => {
  if (message.type === 'pixels') return track(encode(message));
  if (message.type === 'ready') model = message.model;
  if (message.type === 'error' || message.type === 'cancelled') frames.delete(message.id);
  toParent(message);
});
// What the device thread did not expect ends the process; the parent starts another.
device.on('error', (error) => {
  throw error;
});
device.on('exit', () => {
  deviceRuns = false;
  void Promise.all(encoding).then(() => process.disconnect());
});
