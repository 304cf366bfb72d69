import type { LcmPipeline } from '../pipeline/lcm-pipeline.js';
import type { Row } from '../pipeline/row.js';
import type { FromDevice, RowRequest, ToDevice } from './messages.js';

interface WaitingFrame {
  readonly id: number;
  readonly request: RowRequest;
  readonly pixels: Uint8Array;
}

interface RunningFrame extends WaitingFrame {
  readonly row: Row;
  readonly startedMs: number;
}

/** What the loop needs of a `MessagePort`. */
export interface DevicePort {
  on(event: 'message', listener: (message: ToDevice) => void): unknown;
  postMessage(message: FromDevice, transfer: ArrayBuffer[]): void;
}

export interface RowLoopOptions {
  readonly pipeline: Pick<LcmPipeline, 'encodePrompt' | 'vaeEncode' | 'begin' | 'step' | 'vaeDecode' | 'rowsPerFrame'>;
  readonly port: DevicePort;
  /** Rows of one UNet call at the most. */
  readonly maxRows: number;
}

/** How often, in ms at the least, the calls made are told. */
const CALLS_TOLD_EVERY_MS = 250;

/**
 * Batches by the step, not by the frame: after every UNet call finished rows leave and waiting frames join, each row
 * with its own timestep, prompt and noise.
 *
 * Who sends is told how much there is room for, and only that much is ever decoded: the rows that are free, and those
 * that will be after the call that starts now. Frames in the background take rows that nobody wants: they are not
 * counted, join when nothing else waits, and leave as soon as something does.
 */
export class RowLoop {
  readonly #pipeline: RowLoopOptions['pipeline'];
  readonly #port: DevicePort;
  readonly #maxRows: number;
  #waiting: WaitingFrame[] = [];
  #running: RunningFrame[] = [];
  readonly #cancelled = new Set<number>();
  /** Frames that were granted room and have not come yet. */
  #promised = 0;
  /** UNet rows that a frame takes, by the last one that came. */
  #rowsPerFrame = 1;
  #calls = 0;
  #rows = 0;
  #callsToldMs = 0;
  #stopping = false;
  #wake: (() => void) | undefined;

  constructor({ pipeline, port, maxRows }: RowLoopOptions) {
    this.#pipeline = pipeline;
    this.#port = port;
    this.#maxRows = maxRows;
  }

  /** Runs until it is told to stop and the rows in flight are done. */
  async run(): Promise<void> {
    this.#port.on('message', (message) => this.#handleMessage(message));
    this.#grant();
    for (;;) {
      this.#leaveCancelled();
      await this.#join();
      if (this.#running.length > 0) {
        await this.#step();
      } else if (this.#waiting.length === 0) {
        if (this.#stopping) return;
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
      // ONNX Runtime holds the thread during a call: let the messages that came meanwhile be seen.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #handleMessage(message: ToDevice): void {
    switch (message.type) {
      case 'row':
        this.#waiting.push(message);
        if (!message.request.background) this.#promised -= 1;
        this.#rowsPerFrame = this.#rowsOf(message);
        break;
      case 'cancel':
        if ([...this.#waiting, ...this.#running].some(({ id }) => id === message.id)) this.#cancelled.add(message.id);
        break;
      case 'forgo':
        this.#promised -= 1;
        this.#grant();
        break;
      case 'stop':
        this.#stopping = true;
        break;
      case 'measure':
        return;
    }
    this.#wake?.();
  }

  #leaveCancelled(): void {
    if (this.#cancelled.size === 0) return;
    this.#leave(({ id }) => this.#cancelled.has(id), 'cancelled');
    this.#cancelled.clear();
  }

  #leave(isLeaving: (frame: WaitingFrame) => boolean, why: 'cancelled' | 'gave-way'): void {
    for (const frame of [...this.#waiting, ...this.#running]) {
      if (isLeaving(frame)) this.#post({ type: 'no-image', id: frame.id, why });
    }
    this.#waiting = this.#waiting.filter((frame) => !isLeaving(frame));
    this.#running = this.#running.filter((frame) => !isLeaving(frame));
    this.#grant();
  }

  async #join(): Promise<void> {
    const wanted = this.#waiting.filter(({ request }) => !request.background);
    if (wanted.length > 0) {
      const rows = this.#count(wanted) + this.#count(this.#running);
      if (rows > this.#maxRows) this.#leave(({ request }) => request.background, 'gave-way');
    }
    const joining: WaitingFrame[] = [];
    let rows = this.#count(this.#running);
    for (const frame of wanted.length > 0 ? wanted : this.#waiting) {
      const more = this.#rowsOf(frame);
      // One frame may always run, also where its rows are more than the device is thought to take.
      if (rows > 0 && rows + more > this.#maxRows) break;
      joining.push(frame);
      rows += more;
    }
    if (joining.length === 0) return;
    this.#waiting = this.#waiting.filter((frame) => !joining.includes(frame));
    await this.#begin(joining);
  }

  async #begin(joining: readonly WaitingFrame[]): Promise<void> {
    const startedMs = performance.now();
    const begun: RunningFrame[] = [];
    try {
      const latents = await this.#pipeline.vaeEncode(joining.map(({ pixels }) => pixels));
      for (const [i, frame] of joining.entries()) {
        const { request } = frame;
        const prompt = await this.#pipeline.encodePrompt(request.prompt);
        const negativePrompt = await this.#pipeline.encodePrompt(request.negativePrompt);
        const row = this.#pipeline.begin({ ...request, latents: latents[i]!, prompt, negativePrompt });
        begun.push({ ...frame, row, startedMs });
      }
      this.#running.push(...begun);
    } catch (error) {
      this.#fail(joining, error);
      this.#grant();
    }
  }

  async #step(): Promise<void> {
    const calling = this.#running;
    // Said before the call, so that the pictures that will take these places are decoded while it runs.
    this.#grant();
    try {
      await this.#pipeline.step(calling.map(({ row }) => row));
      this.#tellCalls(this.#count(calling));
      await this.#show(calling.filter(({ row, request }) => row.done || (request.preview && row.index === 1)));
      this.#running = calling.filter(({ row }) => !row.done);
    } catch (error) {
      this.#fail(calling, error);
      this.#running = [];
      this.#grant();
    }
  }

  /** Decodes the final pictures and the previews of one call together, and hands them out. */
  async #show(frames: readonly RunningFrame[]): Promise<void> {
    if (frames.length === 0) return;
    const pictures = await this.#pipeline.vaeDecode(frames.map(({ row }) => row.denoised));
    for (const [i, { id, row, startedMs }] of frames.entries()) {
      const pixels = pictures[i] as Uint8Array<ArrayBuffer>;
      const inferMs = performance.now() - startedMs;
      this.#post({ type: 'pixels', id, pixels, step: row.index, steps: row.steps, inferMs }, [pixels.buffer]);
    }
  }

  #fail(frames: readonly { readonly id: number }[], error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    for (const { id } of frames) this.#post({ type: 'error', id, code: 'worker-failed', message });
  }

  /** Grants the rows that are free after the next call and not spoken for. */
  #grant(): void {
    const staying = this.#running.filter(({ row, request }) => row.stepsLeft > 1 && !request.background);
    const waiting = this.#waiting.filter(({ request }) => !request.background);
    const taken = this.#count(staying) + this.#count(waiting) + this.#promised * this.#rowsPerFrame;
    const count = Math.floor((Math.max(this.#maxRows, this.#rowsPerFrame) - taken) / this.#rowsPerFrame);
    if (count <= 0) return;
    this.#promised += count;
    this.#post({ type: 'room', count });
  }

  #rowsOf({ request }: WaitingFrame): number {
    return this.#pipeline.rowsPerFrame(request.guidance);
  }

  #count(frames: readonly WaitingFrame[]): number {
    return frames.reduce((sum, frame) => sum + this.#rowsOf(frame), 0);
  }

  #tellCalls(rows: number): void {
    this.#calls += 1;
    this.#rows += rows;
    const nowMs = performance.now();
    if (nowMs - this.#callsToldMs < CALLS_TOLD_EVERY_MS) return;
    this.#post({ type: 'calls', calls: this.#calls, rows: this.#rows });
    this.#callsToldMs = nowMs;
    this.#calls = this.#rows = 0;
  }

  #post(message: FromDevice, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}
