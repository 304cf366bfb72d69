import { DeviceFailure } from '../../pipeline/graphs/device-failure.js';
import { ModelError } from '../../pipeline/errors.js';
import type { Pipeline } from '../../pipeline/pipeline.js';
import type { Sample } from '../../pipeline/sample.js';
import { Cohorts } from './cohorts.js';
import type { NoImageReason } from '../contract.js';
import type { FromDevice, RowRequest, ToDevice } from '../messages.js';

interface HeldFrame {
  readonly id: number;
  readonly request: RowRequest;
}

interface WaitingFrame extends HeldFrame {
  readonly pixels: Uint8Array;
}

interface RunningFrame extends HeldFrame {
  readonly sample: Sample;
  readonly startedMs: number;
}

/** The part of a `MessagePort` that the loop uses. */
export interface DevicePort {
  on(event: 'message', listener: (message: ToDevice) => void): unknown;
  postMessage(message: FromDevice, transfer: ArrayBuffer[]): void;
}

export interface RowLoopOptions {
  readonly pipeline: Pick<Pipeline, 'mixedTimesteps' | 'begin' | 'step' | 'vaeDecode' | 'judge' | 'rowsPerFrame'>;
  readonly port: DevicePort;
  /** Most rows of one UNet call. */
  readonly maxRows: number;
}

/** The least time between two reports of the calls made, in ms. */
const CALLS_TOLD_EVERY_MS = 250;
/** The shortest of so many of the last calls says when the next rows are free: a frame that comes late leaves a row idle. */
const FREEING_KEPT = 4;

/**
 * Batches by the step, not by the frame: after every UNet call finished samples leave and waiting frames join, each with
 * its own timestep, prompt and noise. If the graph takes one timestep for all rows, frames start together.
 *
 * The loop grants capacity: the rows that are free, and those that will be after the call that starts now, and says when. Only
 * that many frames are sent and decoded. Background frames take rows that no other frame wants: they need no grant, join when
 * nothing else waits, and leave as soon as another frame does.
 */
export class RowLoop {
  readonly #pipeline: RowLoopOptions['pipeline'];
  readonly #port: DevicePort;
  readonly #maxRows: number;
  /** Only for a graph that takes one timestep for all rows. */
  readonly #cohorts: Cohorts | undefined;
  #waiting: WaitingFrame[] = [];
  #running: RunningFrame[] = [];
  readonly #cancelled = new Set<number>();
  /** Frames that were granted and have not come yet. */
  #promised = 0;
  /** UNet rows that a frame takes, by the latest one. */
  #rowsPerFrame = 1;
  /** ms of the last calls after which samples left, until rows were free; the newest first. */
  #freeingMs: readonly number[] = [];
  #calls = 0;
  #rows = 0;
  #callsToldMs = 0;
  #stopping = false;
  #wake: (() => void) | undefined;

  constructor({ pipeline, port, maxRows }: RowLoopOptions) {
    this.#pipeline = pipeline;
    this.#port = port;
    this.#maxRows = maxRows;
    this.#cohorts = pipeline.mixedTimesteps ? undefined : new Cohorts(() => performance.now());
  }

  /**
   * Runs until a `stop` message and the end of the samples in flight.
   *
   * @throws DeviceFailure when the device has failed; the frames it held were failed before
   */
  async run(): Promise<void> {
    this.#port.on('message', (message) => this.#handleMessage(message));
    this.#grant();
    for (;;) {
      this.#leaveCancelled();
      if (await this.#gathers()) continue;
      await this.#join();
      if (this.#running.length > 0) {
        await this.#step();
      } else if (this.#waiting.length === 0) {
        if (this.#stopping) return;
        await this.#woken();
      }
      // ONNX Runtime blocks the thread during a call: handle the messages that came meanwhile.
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

  #leave(isLeaving: (frame: HeldFrame) => boolean, why: NoImageReason): void {
    for (const frame of [...this.#waiting, ...this.#running]) {
      if (isLeaving(frame)) this.#post({ type: 'no-image', id: frame.id, why });
    }
    this.#waiting = this.#waiting.filter((frame) => !isLeaving(frame));
    this.#running = this.#running.filter((frame) => !isLeaving(frame));
    this.#grant();
  }

  /** Waits a little for frames that could start together with those that wait; returns whether it did. */
  async #gathers(): Promise<boolean> {
    if (!this.#cohorts || this.#running.length > 0 || this.#waiting.length === 0 || this.#stopping) return false;
    const waiting = this.#count(this.#waiting);
    const waitMs = waiting < this.#maxRows ? this.#cohorts.gatherMs(waiting) : 0;
    if (waitMs > 0) await Promise.race([this.#woken(), new Promise((resolve) => setTimeout(resolve, waitMs))]);
    return waitMs > 0;
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  async #join(): Promise<void> {
    const wanted = this.#waiting.filter(({ request }) => !request.background);
    if (wanted.length > 0) {
      const rows = this.#count(wanted) + this.#count(this.#running);
      if (rows > this.#maxRows || this.#cohorts) this.#leave(({ request }) => request.background, 'gave-way');
    }
    if (this.#cohorts && this.#running.length > 0) return;
    const joining: WaitingFrame[] = [];
    let rows = this.#count(this.#running);
    for (const frame of wanted.length > 0 ? wanted : this.#waiting) {
      const more = this.#rowsOf(frame);
      // One frame may always run, even if its rows are more than the device should take.
      if (rows > 0 && rows + more > this.#maxRows) break;
      joining.push(frame);
      rows += more;
    }
    if (joining.length === 0) return;
    this.#cohorts?.start(rows);
    this.#waiting = this.#waiting.filter((frame) => !joining.includes(frame));
    await this.#begin(joining);
  }

  async #begin(joining: readonly WaitingFrame[]): Promise<void> {
    const startedMs = performance.now();
    try {
      const samples = await this.#pipeline.begin(
        joining.map(({ request: { steps, params }, pixels: picture }) => ({ ...params, steps, picture })),
      );
      for (const [i, { id, request }] of joining.entries()) {
        const sample = samples[i]!;
        if (sample instanceof ModelError) this.#fail([{ id }], sample);
        else this.#running.push({ id, request, sample, startedMs });
      }
      if (samples.some((sample) => sample instanceof ModelError)) this.#grant();
    } catch (error) {
      this.#fail(joining, error);
      this.#grant();
    }
  }

  async #step(): Promise<void> {
    const calling = this.#running;
    const startedMs = performance.now();
    // Granted before the call, so that the next pictures are decoded while it runs.
    this.#grant(Math.min(...this.#freeingMs));
    try {
      const previewed = calling.filter(({ sample, request }) => isPreviewed(request) && sample.index === 0);
      await this.#pipeline.step(samplesOf(calling), samplesOf(previewed));
      this.#tellCalls(this.#count(calling));
      const sound = calling.filter(({ sample }) => !sample.failure);
      await this.#show(
        sound.filter(({ sample, request }) => sample.done || (isPreviewed(request) && sample.index === 1)),
      );
      this.#running = sound.filter(({ sample }) => !sample.done && !sample.failure);
      if (this.#running.length < calling.length) this.#noteFreeing(performance.now() - startedMs);
      const broken = calling.filter(({ sample }) => sample.failure);
      for (const { id, sample } of broken) this.#fail([{ id }], sample.failure);
      if (broken.length > 0) this.#grant();
      if (this.#running.length === 0) this.#cohorts?.end(this.#count(this.#waiting));
    } catch (error) {
      this.#fail(calling, error);
      this.#running = [];
      this.#grant();
    }
  }

  /** Decodes the final pictures and the previews of one call together, and posts them. */
  async #show(frames: readonly RunningFrame[]): Promise<void> {
    if (frames.length === 0) return;
    const decoded = await this.#pipeline.vaeDecode(frames.map(({ sample }) => sample.denoised));
    const shown: (RunningFrame & { readonly pixels: Uint8Array<ArrayBuffer> })[] = [];
    for (const [i, frame] of frames.entries()) {
      const pixels = decoded[i]!;
      if (pixels instanceof ModelError) frame.sample.failure = pixels;
      else shown.push({ ...frame, pixels });
    }
    // Previews too: a flagged picture must not be shown even for a moment.
    const flagged = await this.#pipeline.judge(shown.map(({ pixels }) => pixels));
    for (const [i, { id, sample, startedMs, pixels }] of shown.entries()) {
      const inferMs = performance.now() - startedMs;
      const { index: step, steps } = sample;
      this.#post({ type: 'pixels', id, pixels, flagged: flagged[i]!, step, steps, inferMs }, [pixels.buffer]);
    }
  }

  #fail(frames: readonly { readonly id: number }[], error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const retryable = error instanceof DeviceFailure;
    for (const { id } of frames) this.#post({ type: 'error', id, code: 'worker-failed', message, retryable });
    if (retryable) throw error;
  }

  #noteFreeing(ms: number): void {
    this.#freeingMs = [ms, ...this.#freeingMs].slice(0, FREEING_KEPT);
  }

  /**
   * Grants the rows that will be free after the next call and are not promised yet.
   *
   * @param inMs when they will be free; Infinity if that is not known
   */
  #grant(inMs = 0): void {
    const staying = this.#running.filter(({ sample, request }) => sample.stepsLeft > 1 && !request.background);
    if (this.#cohorts && staying.length > 0) return;
    const waiting = this.#waiting.filter(({ request }) => !request.background);
    const taken = this.#count(staying) + this.#count(waiting) + this.#promised * this.#rowsPerFrame;
    const count = Math.floor((Math.max(this.#maxRows, this.#rowsPerFrame) - taken) / this.#rowsPerFrame);
    if (count <= 0) return;
    this.#promised += count;
    this.#post({ type: 'capacity', count, inMs: Number.isFinite(inMs) ? inMs : 0 });
  }

  #rowsOf({ request }: HeldFrame): number {
    return this.#pipeline.rowsPerFrame(request.params.guidance);
  }

  #count(frames: readonly HeldFrame[]): number {
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

function samplesOf(frames: readonly RunningFrame[]): Sample[] {
  return frames.map(({ sample }) => sample);
}

function isPreviewed({ params, background }: RowRequest): boolean {
  return params.preview && !background;
}
