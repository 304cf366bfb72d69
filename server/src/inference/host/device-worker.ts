import type { Measured, Rendering, RenderOptions, RenderRequest, ServedModel, Startup } from '../contract.js';

/** One device as the pool sees it: a worker, or a fake one. */
export interface DeviceWorker {
  readonly model: ServedModel;
  readonly startup: Startup;
  /** Names the model and the machine: measurements of workers with the same key hold for this one. */
  readonly speedKey: string;
  readonly isReady: boolean;
  /** How many more frames would start right away. */
  readonly capacity: number;
  /** Frames that run. */
  readonly load: number;
  /** Of its process, where it is on this machine. */
  readonly pid: number | undefined;
  /** The machine of a worker elsewhere. */
  readonly host?: string;
  render(request: RenderRequest, options: RenderOptions): Rendering;
  /** Its speed while other workers are measured at the same time; undefined if it ended, or a frame came meanwhile. */
  measure(): Promise<Measured | undefined>;
  /** Lets running frames finish, then ends the worker; kills it after `deadlineMs`. */
  stop(deadlineMs: number): Promise<void>;
}

/** Events of a worker. */
export interface WorkerEvents {
  /** The capacity has grown. */
  readonly onCapacity: () => void;
  /** The worker has died or left, and its frames have failed. */
  readonly onDeath: () => void;
  /** UNet calls made, and the rows in them, since the last event. */
  readonly onCalls: (calls: number, rows: number) => void;
}
