import type { LcmPipeline } from '../pipeline/lcm-pipeline.js';
import type { Row } from '../pipeline/row.js';
import type { FromDevice, RowRequest, ToDevice } from './messages.js';

interface WaitingFrame {
  readonly id: number;
  readonly request: RowRequest;
  readonly pixels: Uint8Array;
}

interface RunningFrame {
  readonly id: number;
  readonly row: Row;
  readonly startedMs: number;
}

/** What the loop needs of a `MessagePort`. */
export interface DevicePort {
  on(event: 'message', listener: (message: ToDevice) => void): unknown;
  postMessage(message: FromDevice, transfer: ArrayBuffer[]): void;
}

export interface RowLoopOptions {
  readonly pipeline: Pick<LcmPipeline, 'encodePrompt' | 'vaeEncode' | 'begin' | 'step' | 'vaeDecode'>;
  readonly port: DevicePort;
  /** Frames that run together at the most. */
  readonly maxRows: number;
}

/**
 * Batches by the step, not by the frame: after every UNet call finished rows leave and waiting frames join, each row
 * with its own timestep, prompt and noise.
 *
 * Who sends is told how much there is room for, and only that much is ever decoded: the rows that are free, and those
 * that will be after the call that starts now.
 */
export class RowLoop {
  readonly #pipeline: RowLoopOptions['pipeline'];
  readonly #port: DevicePort;
  readonly #maxRows: number;
  #waiting: WaitingFrame[] = [];
  #running: RunningFrame[] = [];
  readonly #cancelled = new Set<number>();
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
    this.#grant(this.#maxRows);
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
        break;
      case 'cancel':
        if ([...this.#waiting, ...this.#running].some(({ id }) => id === message.id)) this.#cancelled.add(message.id);
        break;
      case 'forgo':
        this.#grant(1);
        break;
      case 'stop':
        this.#stopping = true;
    }
    this.#wake?.();
  }

  #leaveCancelled(): void {
    const isCancelled = ({ id }: { readonly id: number }) => this.#cancelled.has(id);
    const leaving = [...this.#waiting, ...this.#running].filter(isCancelled);
    if (leaving.length === 0) return;
    this.#waiting = this.#waiting.filter((frame) => !isCancelled(frame));
    this.#running = this.#running.filter((frame) => !isCancelled(frame));
    this.#cancelled.clear();
    for (const { id } of leaving) this.#post({ type: 'cancelled', id });
    this.#grant(leaving.length);
  }

  async #join(): Promise<void> {
    const joining = this.#waiting.splice(0, this.#maxRows - this.#running.length);
    if (joining.length === 0) return;
    const startedMs = performance.now();
    try {
      const latents = await this.#pipeline.vaeEncode(joining.map(({ pixels }) => pixels));
      for (const [i, { id, request }] of joining.entries()) {
        const prompt = await this.#pipeline.encodePrompt(request.prompt);
        const negativePrompt = await this.#pipeline.encodePrompt(request.negativePrompt);
        const row = this.#pipeline.begin({ ...request, latents: latents[i]!, prompt, negativePrompt });
        this.#running.push({ id, row, startedMs });
      }
    } catch (error) {
      this.#running = this.#running.filter(({ id }) => !joining.some((frame) => frame.id === id));
      this.#fail(joining, error);
      this.#grant(joining.length);
    }
  }

  async #step(): Promise<void> {
    const finishing = this.#running.filter(({ row }) => row.stepsLeft === 1);
    const staying = this.#running.filter(({ row }) => row.stepsLeft > 1);
    // Said before the call, so that the pictures that will take these places are decoded while it runs.
    this.#grant(finishing.length);
    try {
      await this.#pipeline.step(this.#running.map(({ row }) => row));
      if (finishing.length > 0) await this.#finish(finishing);
      this.#running = staying;
    } catch (error) {
      this.#fail(this.#running, error);
      this.#running = [];
      this.#grant(staying.length);
    }
  }

  async #finish(frames: readonly RunningFrame[]): Promise<void> {
    const pictures = await this.#pipeline.vaeDecode(frames.map(({ row }) => row.denoised));
    for (const [i, { id, row, startedMs }] of frames.entries()) {
      const pixels = pictures[i] as Uint8Array<ArrayBuffer>;
      const inferMs = performance.now() - startedMs;
      this.#post({ type: 'pixels', id, pixels, steps: row.steps, inferMs }, [pixels.buffer]);
    }
  }

  #fail(frames: readonly { readonly id: number }[], error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    for (const { id } of frames) this.#post({ type: 'error', id, code: 'worker-failed', message });
  }

  #grant(count: number): void {
    if (count > 0) this.#post({ type: 'room', count });
  }

  #post(message: FromDevice, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}
