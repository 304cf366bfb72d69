import type { PictureSource } from '../stream/picture-source.js';
import type { StreamClient } from '../stream/stream-client.js';
import { AttachedController, type AttachedHost } from './attached-controller.js';

interface SourceHost extends AttachedHost {
  readonly client: StreamClient | null;
}

/** Gives the host's client the source of its frames. */
export class SourceController extends AttachedController<SourceHost> {
  readonly #source: () => PictureSource | undefined;

  constructor(host: SourceHost, source: () => PictureSource | undefined) {
    super(host);
    this.#source = source;
  }

  protected override afterUpdate(): void {
    const { client } = this.host;
    const source = this.#source();
    if (client !== null && source !== undefined && client.source !== source) client.source = source;
  }
}
