import { pino } from 'pino';
import { vi } from 'vitest';
import { Batcher } from '../../server/src/turns/batcher.js';
import { Crowd } from '../../server/src/turns/crowd.js';
import type { Audience } from '../../server/src/canvas/audience.js';
import { Canvas } from '../../server/src/canvas/canvas.js';
import type { OutgoingImage, ReceivedFrame } from '../../server/src/canvas/frames.js';
import { Engine } from '../../server/src/engine.js';
import { requestMs } from '../../server/src/inference/contract.js';
import { ExecutorPool, type PoolOptions } from '../../server/src/inference/host/pool.js';
import { canvasOptions } from './fakes.js';

const now = () => Date.now();
const STEPS = 4;
const SEND_EVERY_MS = 5;

export interface SimulationOptions {
  /** As in `--device`: fake ones. */
  readonly device: string;
  readonly maxRows?: number;
  /** Whether several frames of a canvas may run at once. */
  readonly deep: boolean;
}

/** Starts the workers of a simulation. */
export function startPool(
  { device, maxRows = 0 }: Omit<SimulationOptions, 'deep'>,
  options: Partial<PoolOptions> = {},
): Promise<ExecutorPool> {
  const model = { modelDir: '', vaeDir: '', safetyChecker: false, dtype: 'auto' } as const;
  const worker = { ...model, device, threads: 0, maxRows, maxFramePixels: 1 };
  const bounds = { hangMs: 1e9, silentMs: 1e9, loadMs: 1e9 };
  const log = pino({ level: 'silent' });
  return ExecutorPool.start({ worker, workers: 'auto', log, bounds, restartMs: { first: 1, longest: 1 }, ...options });
}

/** Canvases, batcher, engine and fake devices on vitest's fake timers, so that rates and latencies are exact. */
export class Simulation {
  readonly #batcher = new Batcher<Canvas>({ now });
  readonly #crowd = new Crowd<Canvas>(now);
  readonly #pool: ExecutorPool;
  readonly #deep: boolean;
  readonly #stopEngine: (graceMs: number) => Promise<void>;

  /** @param pool its workers, on this machine or elsewhere */
  constructor(pool: ExecutorPool, deep: boolean) {
    this.#pool = pool;
    this.#deep = deep;
    pool.watch(this.#batcher);
    const cost = (request: Parameters<typeof requestMs>[1]) => requestMs(pool.model, request);
    this.#stopEngine = new Engine({ batcher: this.#batcher, executor: pool, cost }).start();
  }

  static async start({ deep, ...options }: SimulationOptions): Promise<Simulation> {
    return new Simulation(await startPool(options), deep);
  }

  /** Somebody who has a newer frame every few ms, and sends it while fewer than `ahead` have no end. */
  join(ahead = STEPS + 2, steps = STEPS, everyMs = SEND_EVERY_MS): Drawer {
    const options = canvasOptions(now, {
      maxFramesPerSecond: 120,
      depth: (steps) => (this.#deep ? this.#crowd.share(this.#pool.easyFrames(steps)) : 1),
      ask: (canvas) => this.#crowd.note(canvas),
      offer: (canvas) => this.#batcher.offer(canvas),
    });
    const canvas = new Canvas(options);
    canvas.changeParams({ steps, similarity: 1, preview: false });
    return new Drawer(canvas, ahead, everyMs);
  }

  async pass(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
  }

  async stop(): Promise<void> {
    const stopped = this.#stopEngine(0).then(() => this.#pool.stop(0));
    await this.pass(1_000);
    await stopped;
  }
}

export class Drawer implements Audience {
  readonly isFull = false;
  /** Milliseconds from each frame to its image. */
  latencies: number[] = [];
  /** Frame numbers of the images, in the order in which they came. */
  shown: number[] = [];
  readonly #canvas: Canvas;
  readonly #ahead: number;
  readonly #sentMs = new Map<number, number>();
  #seq = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(canvas: Canvas, ahead: number, everyMs: number) {
    this.#canvas = canvas;
    this.#ahead = ahead;
    canvas.wake(this);
    this.#timer = setInterval(() => this.#send(), everyMs);
  }

  leave(): void {
    clearInterval(this.#timer);
    this.#canvas.rest();
  }

  /** Forgets what came so far. */
  reset(): void {
    this.latencies = [];
    this.shown = [];
  }

  get medianMs(): number {
    return [...this.latencies].sort((a, b) => a - b)[Math.floor(this.latencies.length / 2)]!;
  }

  show({ asked, final }: OutgoingImage): void {
    if (!final) return;
    this.shown.push(asked.frame.seq);
    this.latencies.push(now() - this.#sentMs.get(asked.frame.seq)!);
    this.#sentMs.delete(asked.frame.seq);
  }

  handleDropped({ seq }: ReceivedFrame): void {
    this.#sentMs.delete(seq);
  }

  handleFailed(): void {
    throw new Error('a fake device failed');
  }

  #send(): void {
    if (this.#sentMs.size >= this.#ahead) return;
    const seq = ++this.#seq;
    this.#sentMs.set(seq, now());
    this.#canvas.takeFrame({ seq, at: undefined, member: undefined, data: Uint8Array.of(seq, seq >> 8) });
  }
}
