import type { RenderRequest } from '../contract.js';
import type { DeviceWorker } from './device-worker.js';
import { stopAll } from './starting.js';

/** How many people draw. */
export interface Demand {
  readonly now: number;
  /** Now, or a short while ago. */
  readonly lately: number;
}

/** The workers of one device. */
export interface WorkerGroup {
  /** Those that take frames. */
  readonly workers: readonly DeviceWorker[];
  /** A frame is about to be placed, on a worker of this group or another. */
  handleFrame(request: RenderRequest): void;
  /** Adapts to the number of people; called several times a second. */
  adapt(demand: Demand): void;
  /** Lets running frames finish, then ends the workers; kills them after `deadlineMs`. */
  stop(deadlineMs: number): Promise<void>;
}

/** Workers that stay as they are. */
export class FixedWorkers implements WorkerGroup {
  constructor(readonly workers: readonly DeviceWorker[]) {}

  handleFrame(): void {}

  adapt(): void {}

  stop(deadlineMs: number): Promise<void> {
    return stopAll(this.workers, deadlineMs);
  }
}
