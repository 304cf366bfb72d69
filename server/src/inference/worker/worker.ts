// First: it speaks before anything else is loaded.
import '../host/alive.js';
import { Worker as Thread } from 'node:worker_threads';
import { FrameError } from '../../errors.js';
import type { RenderRequest, ServedModel } from '../contract.js';
import { fingerprintOf, similarityOf } from './fingerprint.js';
import { decodeImage, encodeJpeg } from './image.js';
import type { FromDevice, FromWorker, ToDevice, ToWorker, WorkerOptions } from '../messages.js';

/*
 * Entry of the worker process: JPEG bytes in, JPEG bytes out. A process of its own, because a native crash or an
 * out-of-memory takes its process with it. This thread decodes the next pictures and encodes the last ones while the
 * device thread runs the model.
 */

interface Frame {
  readonly request: RenderRequest;
  decodeMs: number;
  fingerprint: Uint8Array | undefined;
  cancelled: boolean;
  /** Previews are encoded one after the other with the final image, which must not overtake them. */
  encoded: Promise<void>;
}

const options = JSON.parse(process.argv[2]!) as WorkerOptions;
// Before the runtime is loaded: it looks at them once.
const device = new Thread(new URL('../device/device.js', import.meta.url), { workerData: options });
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
  const frame: Frame = { request, decodeMs: 0, fingerprint: undefined, cancelled: false, encoded: Promise.resolve() };
  frames.set(id, frame);
  const pixels = await decode(id, frame);
  if (pixels) {
    const { params, steps, background } = request;
    return toDevice({ type: 'row', id, request: { params, steps, background }, pixels }, [pixels.buffer]);
  }
  frames.delete(id);
  if (!request.background) toDevice({ type: 'forgo' });
}

/** The pixels of a frame; undefined, and said so, where there is nothing to run. */
async function decode(id: number, frame: Frame): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { data, params, shown, background } = frame.request;
  const { similarity } = params;
  const startedMs = performance.now();
  try {
    const pixels = await decodeImage(data, { ...model!, maxPixels: options.maxFramePixels });
    if (similarity < 1 && !background) frame.fingerprint = fingerprintOf(pixels, model!);
    tellDecoded(id, frame, startedMs);
    const isAlike = shown && frame.fingerprint && similarityOf(shown, frame.fingerprint) >= similarity;
    if (!frame.cancelled && !isAlike) return pixels;
    toParent({ type: 'no-image', id, why: frame.cancelled ? 'cancelled' : 'unchanged' });
  } catch (error) {
    tellDecoded(id, frame, startedMs);
    const { code, message } = error instanceof FrameError ? error : new FrameError('bad-image', String(error));
    toParent({ type: 'error', id, code, message, retryable: false });
  }
  return undefined;
}

function tellDecoded(id: number, frame: Frame, startedMs: number): void {
  frame.decodeMs = performance.now() - startedMs;
  toParent({ type: 'decoded', id, ms: frame.decodeMs });
}

async function encode({
  id,
  pixels,
  flagged,
  step,
  steps,
  inferMs,
}: Extract<FromDevice, { type: 'pixels' }>): Promise<void> {
  const { width, height } = model!;
  const frame = frames.get(id)!;
  const final = step === steps;
  if (final) frames.delete(id);
  const { encoded, decodeMs, fingerprint } = frame;
  const startedMs = performance.now();
  const job = encodeJpeg(pixels, { width, height, quality: frame.request.params.quality, blurred: flagged });
  frame.encoded = Promise.all([job, encoded]).then(([data]) => {
    const timing = { decodeMs, inferMs, encodeMs: performance.now() - startedMs };
    toParent({ type: 'image', id, final, image: { data, width, height, step, steps, flagged, timing, fingerprint } });
  });
  await frame.encoded;
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
  else toDevice(message);
});
// Ctrl-C goes to all processes of a terminal, and a stop by systemd to all of a service: the parent says when it is over.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
// Without its parent nobody would ever stop it, and a thread in a native call can only be killed with its process.
process.on('disconnect', parentOnGone);
// It may have gone while this file was loaded.
if (!process.connected) parentOnGone();

function parentOnGone(): void {
  if (deviceRuns) process.kill(process.pid, 'SIGKILL');
}

device.on('message', (message: FromDevice) => {
  if (message.type === 'pixels') return track(encode(message));
  if (message.type === 'ready') model = message.model;
  if (message.type === 'error' || message.type === 'no-image') frames.delete(message.id);
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
