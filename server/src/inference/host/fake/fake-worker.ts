import {
  EASY,
  type DevicePace,
  type Measured,
  type Rendering,
  type RenderOptions,
  type RenderOutcome,
  type RenderRequest,
  type ServedModel,
} from '../../contract.js';
import type { FromDevice, ToDevice, WorkerOptions } from '../../messages.js';
import { RowLoop, type DevicePort } from '../../device/row-loop.js';
import type { DeviceWorker, WorkerEvents } from '../device-worker.js';
import { Granted } from '../granted.js';
import type { FakeCost } from './fake-cost.js';
import { NO_PIXELS, waitingPipeline } from './waiting-pipeline.js';

const FAKE_ROWS = 16;
const SIZE = { width: 512, height: 512 };

interface Pending {
  readonly onPreview: RenderOptions['onPreview'];
  readonly data: Uint8Array;
  readonly resolve: (outcome: RenderOutcome) => void;
  readonly reject: (error: unknown) => void;
}

type FakeOptions = Pick<WorkerOptions, 'maxRows' | 'size'> & { readonly aheadMs?: number | undefined };

/**
 * A device without a model, to measure everything around one: the real row loop over a UNet that only waits. Frames come
 * back as images unchanged. It runs in the gateway process.
 */
export class FakeWorker implements DeviceWorker, DevicePort {
  readonly model: ServedModel;
  readonly startup = { loadMs: 0, warmUpMs: 0, loadPeakBytes: 0, peakBytes: 0 };
  readonly speedKey = 'fake';
  readonly isReady = true;
  readonly pid = process.pid;
  readonly #events: WorkerEvents;
  readonly #pending = new Map<number, Pending>();
  readonly #loop: Promise<void>;
  readonly #granted: Granted;
  #nextId = 1;
  #toLoop: (message: ToDevice) => void = () => undefined;

  constructor(cost: FakeCost, { maxRows, size = SIZE, aheadMs }: FakeOptions, events: WorkerEvents) {
    this.#events = events;
    this.#granted = new Granted(events.onCapacity, aheadMs);
    const rows = maxRows || FAKE_ROWS;
    const pace = { maxRows: rows, rowMs: cost.callMs / rows + cost.rowMs, autoencoderMs: 0, ...sharing(cost, rows) };
    const about = { id: 'fake', name: 'Fake', ...size, prompts: [], palette: [], startsFromNoise: false };
    const settings = { defaults: {}, controls: { guidance: { min: 1, max: 1 } }, guidance: 'none' } as const;
    this.model = { ...about, ...settings, device: `fake:${cost.callMs}ms+${cost.rowMs}ms`, dtype: 'fp32', pace };
    this.#loop = new RowLoop({ pipeline: waitingPipeline(cost), port: this, maxRows: rows }).run();
  }

  get capacity(): number {
    return this.#granted.count;
  }

  get load(): number {
    return this.#pending.size;
  }

  measure(): Promise<Measured> {
    return Promise.resolve({ framesPerSecond: 500 / this.model.pace.rowMs, residentBytes: 0 });
  }

  render(request: RenderRequest, { onPreview }: RenderOptions): Rendering {
    if (!request.background) this.#granted.take();
    const id = this.#nextId++;
    const outcome = new Promise<RenderOutcome>((resolve, reject) => {
      this.#pending.set(id, { onPreview, data: request.data, resolve, reject });
      this.#toLoop({ type: 'row', id, request, pixels: NO_PIXELS });
    });
    return { outcome, cancel: () => this.#toLoop({ type: 'cancel', id }) };
  }

  async stop(): Promise<void> {
    this.#toLoop({ type: 'stop' });
    await this.#loop;
    this.#granted.clear();
  }

  // ── the port of the row loop ───────────────────────────────────────────────────────────────────────────────────────

  on(_event: 'message', listener: (message: ToDevice) => void): void {
    this.#toLoop = listener;
  }

  postMessage(message: FromDevice): void {
    switch (message.type) {
      case 'capacity':
        // Later, as a message of a real worker would arrive, and not in the middle of the loop.
        return void setImmediate(() => this.#granted.add(message.count, message.inMs));
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

/** As a calibration would find it. */
function sharing({ callMs, rowMs }: FakeCost, maxRows: number): Pick<DevicePace, 'aloneMs' | 'easyRows'> {
  const aloneMs = callMs + rowMs;
  const rows = Array.from({ length: maxRows }, (_, i) => i + 1);
  return { aloneMs, easyRows: rows.findLast((count) => callMs + rowMs * count <= EASY * aloneMs) ?? 1 };
}
