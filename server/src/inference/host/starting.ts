import type { DeviceWorker } from './device-worker.js';

export async function stopAll(workers: readonly DeviceWorker[], deadlineMs: number): Promise<void> {
  await Promise.all(workers.map((worker) => worker.stop(deadlineMs)));
}

/** Waits for all. If one fails, the others are undone, so that nothing keeps running, and its error is thrown. */
export async function allOrNone<T>(started: readonly Promise<T>[], undo: (value: T) => Promise<void>): Promise<T[]> {
  try {
    return await Promise.all(started);
  } catch (error) {
    const ends = await Promise.allSettled(started);
    await Promise.all(ends.map((end) => (end.status === 'fulfilled' ? undo(end.value) : undefined)));
    throw error;
  }
}
