import { Worker as Thread } from 'node:worker_threads';
import type { WorkerLink } from '../link/link.js';
import type { FromDevice, ToDevice, ToWorker, WorkerOptions } from '../messages.js';
import { Frames } from './frames.js';

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
  readonly #frames: Frames;

  constructor(link: WorkerLink, options: WorkerOptions) {
    this.#link = link;
    this.#device = new Thread(new URL('../device/device.js', import.meta.url), { workerData: options });
    this.#frames = new Frames({
      maxPixels: options.maxFramePixels,
      toGateway: (message) => link.send(message),
      toDevice: (message, transfer) => this.#toDevice(message, transfer),
    });
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
        return void this.#frames.render(message.id, message.request);
      case 'cancel':
        return this.#frames.cancel(message.id);
      default:
        this.#toDevice(message);
    }
  }

  #toDevice(message: ToDevice, transfer: ArrayBuffer[] = []): void {
    this.#device.postMessage(message, transfer);
  }

  #deviceOnMessage(message: FromDevice): void {
    if (message.type === 'pixels') return this.#frames.encode(message);
    if (message.type === 'ready') this.#frames.model = message.model;
    if (message.type === 'error' || message.type === 'no-image') this.#frames.forget(message.id);
    this.#link.send(message);
  }

  #deviceOnExit(): void {
    this.isRunning = false;
    void this.#frames.flushed().then(() => this.#link.close());
  }
}
