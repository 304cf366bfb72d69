import { setTimeout as sleep } from 'node:timers/promises';
import { TestClient } from '../helpers/test-client.js';

/** A client that draws at a steady pace and must get an answer to every frame. */
export class SteadyClient {
  /** The longest from a frame to its end, in ms. */
  longestMs = 0;
  images = 0;
  readonly #client: TestClient;
  readonly #frames: readonly Uint8Array[];
  #isStopped = false;
  readonly #drawing: Promise<void>;

  private constructor(client: TestClient, frames: readonly Uint8Array[], everyMs: number) {
    this.#client = client;
    this.#frames = frames;
    this.#drawing = this.#draw(everyMs);
    this.#drawing.catch(() => undefined);
  }

  static async start(port: number, frames: readonly Uint8Array[], everyMs: number): Promise<SteadyClient> {
    return new SteadyClient(await TestClient.live(port), frames, everyMs);
  }

  /** Throws if the server closed it or failed a frame. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#drawing;
    this.#client.close();
  }

  async #draw(everyMs: number): Promise<void> {
    for (let seq = 1; !this.#isStopped; seq++) {
      const sentMs = performance.now();
      this.#client.sendFrame(seq, this.#frames[seq % this.#frames.length]!);
      await this.#client.until('image', (image) => image.seq === seq && image.final);
      this.longestMs = Math.max(this.longestMs, performance.now() - sentMs);
      this.images += 1;
      // Pictures of hours would fill the memory.
      this.#client.received.length = 0;
      await sleep(everyMs);
    }
  }
}
