import { WebSocket } from 'ws';
import { StreamClient } from '../../client/src/stream/stream-client.js';
import type { StreamImageEvent } from '../../client/src/stream/stream-events.js';

globalThis.WebSocket ??= WebSocket as never;

const FRAME_BYTES = 2_000;

/**
 * Somebody who draws alone, through the client of the page: it always has a newer picture, and comes back when its
 * connection ends. A fake device returns pictures as they were sent, so an image of somebody else is recognized.
 */
export class SteadyPainter {
  /** The sessions that it had. */
  readonly sessions = new Set<string>();
  /** From the end of each connection to the next welcome, ms. */
  readonly awayMs: number[] = [];
  /** Frames and parameters that failed, and sessions that came back without their parameters. */
  readonly failures: string[] = [];
  readonly #imagesMs: number[] = [];
  /** Images of others. */
  strange = 0;
  readonly #client: StreamClient;
  readonly #number: number;
  #frames = 0;
  #lostMs: number | undefined;

  /** @param number its own, which marks its pictures; also its seed */
  constructor(port: number, number: number) {
    this.#number = number;
    this.#client = new StreamClient({ url: `http://127.0.0.1:${port}/`, params: { seed: number, preview: false } });
    this.#client.addEventListener('statechange', () => this.#clientOnStateChange());
    this.#client.addEventListener('image', (event) => this.#clientOnImage(event));
    this.#client.addEventListener('dropped', () => this.#client.changed());
    this.#client.addEventListener('streamerror', ({ detail }) => {
      this.failures.push(detail.message);
      this.#client.changed();
    });
    this.#client.connect({ capture: () => Promise.resolve(this.#capture()) });
  }

  get lastImageMs(): number {
    return this.#imagesMs.at(-1) ?? -Infinity;
  }

  /** When the first image after a moment came. */
  firstAfter = (ms: number): number => this.#imagesMs.find((imageMs) => imageMs > ms) ?? Infinity;

  /** Forgets what happened so far, but not its session. */
  forget(): void {
    const last = [...this.sessions].at(-1);
    this.sessions.clear();
    if (last !== undefined) this.sessions.add(last);
    this.awayMs.length = 0;
    this.failures.length = 0;
    this.#imagesMs.length = 0;
  }

  get isLive(): boolean {
    return this.#client.state.status === 'live';
  }

  stop(): void {
    this.#client.close();
  }

  #capture(): Uint8Array {
    const data = new Uint8Array(FRAME_BYTES).fill(this.#number % 256);
    new DataView(data.buffer).setUint32(0, this.#number);
    new DataView(data.buffer).setUint32(4, ++this.#frames);
    return data;
  }

  #clientOnStateChange(): void {
    const { state } = this.#client;
    if (state.status === 'reconnecting') this.#lostMs ??= performance.now();
    if (state.status !== 'live') return;
    const { session, params } = state.welcome;
    if (this.sessions.has(session) && params.seed !== this.#number) this.failures.push(`seed ${params.seed}`);
    this.sessions.add(session);
    if (this.#lostMs !== undefined) this.awayMs.push(performance.now() - this.#lostMs);
    this.#lostMs = undefined;
  }

  #clientOnImage({ image: { data } }: StreamImageEvent): void {
    const view = new DataView(data.buffer, data.byteOffset);
    if (view.getUint32(0) !== this.#number) this.strange += 1;
    this.#imagesMs.push(performance.now());
    this.#client.changed();
  }
}
