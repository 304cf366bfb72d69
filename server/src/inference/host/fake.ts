import type { Pipeline } from '../../pipeline/pipeline.js';
import type { Sample } from '../../pipeline/sample.js';
import { UsageError } from '../../errors.js';
import type {
  DeviceWorker,
  Measured,
  Rendering,
  RenderOptions,
  RenderOutcome,
  RenderRequest,
  ServedModel,
  WorkerEvents,
} from '../contract.js';
import type { FromDevice, ToDevice, WorkerOptions } from '../messages.js';
import { RowLoop, type DevicePort, type RowLoopOptions } from '../device/row-loop.js';

/** A device of a given cost: a UNet call takes `callMs` and `rowMs` more for each row; nothing else costs anything. */
export interface FakeCost {
  readonly callMs: number;
  readonly rowMs: number;
}

const FAKE_ROWS = 16;
const SIZE = { width: 512, height: 512 };
const NO_PIXELS = new Uint8Array(0);

/**
 * Reads `fake:10ms+1ms`; undefined for a device that is none.
 *
 * @throws UsageError
 */
export function parseFakeDevice(device: string): FakeCost | undefined {
  if (!device.startsWith('fake:')) return undefined;
  const [, callMs, rowMs] = /^fake:([\d.]+)ms\+([\d.]+)ms$/.exec(device) ?? [];
  if (callMs === undefined) throw new UsageError(`a fake device is named as fake:10ms+1ms, not "${device}"`);
  return { callMs: Number(callMs), rowMs: Number(rowMs) };
}

interface Pending {
  readonly onPreview: RenderOptions['onPreview'];
  readonly data: Uint8Array;
  readonly resolve: (outcome: RenderOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A device without a model, for measuring everything around one: the real row loop over a UNet that only waits, and
 * frames handed back as they came. It runs in the process of the server.
 */
export class FakeWorker implements DeviceWorker, DevicePort {
  readonly model: ServedModel;
  readonly startup = { loadMs: 0, warmUpMs: 0, loadPeakBytes: 0, peakBytes: 0 };
  readonly isReady = true;
  readonly pid = process.pid;
  readonly #events: WorkerEvents;
  readonly #pending = new Map<number, Pending>();
  readonly #loop: Promise<void>;
  #room = 0;
  #nextId = 1;
  #toLoop: (message: ToDevice) => void = () => undefined;

  constructor(cost: FakeCost, { maxRows, size = SIZE }: Pick<WorkerOptions, 'maxRows' | 'size'>, events: WorkerEvents) {
    this.#events = events;
    const rows = maxRows || FAKE_ROWS;
    const pace = { maxRows: rows, rowMs: cost.callMs / rows + cost.rowMs, autoencoderMs: 0 };
    const about = { id: 'fake', name: 'Fake', ...size, prompts: [], palette: [] };
    this.model = { ...about, defaults: {}, guidance: 'none', device: `fake:${cost.callMs}ms+${cost.rowMs}ms`, pace };
    this.#loop = new RowLoop({ pipeline: waitingPipeline(cost), port: this, maxRows: rows }).run();
  }

  get room(): number {
    return this.#room;
  }

  get load(): number {
    return this.#pending.size;
  }

  measure(): Promise<Measured> {
    return Promise.resolve({ framesPerSecond: 500 / this.model.pace.rowMs, residentBytes: 0 });
  }

  render(request: RenderRequest, { onPreview }: RenderOptions): Rendering {
    if (!request.background) this.#room -= 1;
    const id = this.#nextId++;
    const outcome = new Promise<RenderOutcome>((resolve, reject) => {
      this.#pending.set(id, { onPreview, data: request.data, resolve, reject });
      this.#toLoop({ type: 'row', id, request, pixels: NO_PIXELS });
    });
    return { outcome, cancel: () => this.#toLoop({ type: 'cancel', id }) };
  }

  stop(): Promise<void> {
    this.#toLoop({ type: 'stop' });
    return this.#loop;
  }

  // ── the loop's end ────────────────────────────────────────────────────────────────────────────────────────────────

  on(_event: 'message', listener: (message: ToDevice) => void): void {
    this.#toLoop = listener;
  }

  postMessage(message: FromDevice): void {
    switch (message.type) {
      case 'room':
        this.#room += message.count;
        // As a message from elsewhere would: never while the loop is in the middle of something.
        return void setImmediate(this.#events.onRoom);
      case 'calls':
        return this.#events.onCalls(message.calls, message.rows);
      case 'pixels':
        return this.#handleImage(message);
      case 'no-image':
        return this.#settle(message.id)?.resolve(message.why);
      case 'error':
        return this.#settle(message.id)?.reject(new Error(message.message));
      default:
    }
  }

  #handleImage({ id, step, steps, inferMs }: Extract<FromDevice, { type: 'pixels' }>): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    const timing = { decodeMs: 0, inferMs, encodeMs: 0 };
    const { width, height } = this.model;
    const about = { width, height, step, steps, flagged: false };
    const image = { data: pending.data, ...about, timing, fingerprint: undefined };
    if (step === steps) this.#settle(id)!.resolve(image);
    else pending.onPreview(image);
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }
}

/** What the row loop needs of a pipeline, where a UNet call is a wait and a sample is a count of steps. */
function waitingPipeline({ callMs, rowMs }: FakeCost): RowLoopOptions['pipeline'] {
  const wait = (rows: number) => {
    const ms = callMs + rowMs * rows;
    // The shortest timer is a millisecond, and a device that costs nothing does not wait.
    return ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : Promise.resolve();
  };
  const pipeline = {
    mixedTimesteps: true,
    vaeEncode: (pictures: readonly Uint8Array[]) => Promise.resolve(pictures),
    rowsPerFrame: () => 1,
    begin: async ({ steps }: { readonly steps: number }) => new FakeSample(steps),
    step: async (samples: readonly FakeSample[]) => {
      await wait(samples.length);
      for (const sample of samples) sample.index += 1;
    },
    vaeDecode: (latents: readonly unknown[]) => Promise.resolve(latents.map(() => NO_PIXELS)),
    judge: (pictures: readonly unknown[]) => Promise.resolve(pictures.map(() => false)),
  };
  return pipeline as unknown as Pick<Pipeline, keyof typeof pipeline>;
}

class FakeSample implements Pick<Sample, 'index' | 'steps' | 'stepsLeft' | 'done'> {
  index = 0;
  readonly denoised = new Float32Array(0);

  constructor(readonly steps: number) {}

  get stepsLeft(): number {
    return this.steps - this.index;
  }

  get done(): boolean {
    return this.stepsLeft === 0;
  }
}
