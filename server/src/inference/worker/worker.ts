import { Worker as Thread } from 'node:worker_threads';
import type { WorkerLink } from '../link/link.js';
import type { FromDevice, ToDevice, ToWorker, WorkerOptions } from '../messages.js';
import type { Frames } from './frames.js';

/**
 * The worker: JPEG bytes in, JPEG bytes out. It starts with the `start` message. This thread decodes the next pictures
 * and encodes the last ones while the device thread runs the model.
 */
export function runWorker(link: WorkerLink): void {
  let worker: Worker | undefined;
  link.onMessage((message) => {
    if (message.type === 'start') worker = new Worker(link, message.options);
    else worker?.handle(message);
  });
  // Without a gateway nothing would ever stop this process, and only its end interrupts a thread in a native call.
  link.onEnd(() => {
    if (worker?.isRunning ?? true) process.kill(process.pid, 'SIGKILL');
  });
}

class Worker {
  isRunning = true;
  readonly #link: WorkerLink;
  readonly #device: Thread;
  readonly #frames: Promise<Frames>;

  constructor(link: WorkerLink, options: WorkerOptions) {
    this.#link = link;
    this.#device = new Thread(new URL('../device/device.js', import.meta.url), { workerData: options });
    this.#frames = this.#loadFrames(options);
    this.#device.on('message', (message: FromDevice) => this.#deviceOnMessage(message));
    // An unexpected error of the device thread ends the process; the gateway starts another one.
    this.#device.on('error', (error) => {
      throw error;
    });
    this.#device.on('exit', () => this.#deviceOnExit());
  }

  handle(message: Exclude<ToWorker, { readonly type: 'start' }>): void {
    switch (message.type) {
      case 'render':
        return this.#onFrames((frames) => void frames.render(message.id, message.request));
      case 'cancel':
        return this.#onFrames((frames) => frames.cancel(message.id));
      default:
        this.#toDevice(message);
    }
  }

  /** The image library is loaded while the device thread loads the model. */
  async #loadFrames({ maxFramePixels: maxPixels }: WorkerOptions): Promise<Frames> {
    const { Frames } = await import('./frames.js');
    return new Frames({
      maxPixels,
      toGateway: (message) => this.#link.send(message),
      toDevice: (message, transfer) => this.#toDevice(message, transfer),
    });
  }

  #onFrames(work: (frames: Frames) => void): void {
    void this.#frames.then(work);
  }

  #toDevice(message: ToDevice, transfer: ArrayBuffer[] = []): void {
    this.#device.postMessage(message, transfer);
  }

  #deviceOnMessage(message: FromDevice): void {
    if (message.type === 'pixels') return this.#onFrames((frames) => frames.encode(message));
    if (message.type === 'ready') this.#onFrames((frames) => (frames.model = message.model));
    if (message.type === 'error' || message.type === 'no-image') this.#onFrames((frames) => frames.forget(message.id));
    this.#link.send(message);
  }

  #deviceOnExit(): void {
    this.isRunning = false;
    void this.#frames.then((frames) => frames.flushed()).then(() => this.#link.close());
  }
}
