import type { ServedModel } from '../contract.js';
import type { DeviceWorker } from '../host/device-worker.js';

/** The model of several workers, with the pace of all of them together. */
export function combinedModel(workers: readonly DeviceWorker[]): ServedModel {
  const { model } = workers[0]!;
  const paces = workers.map(({ model: { pace } }) => pace);
  const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  return {
    ...model,
    pace: {
      maxRows: total(paces.map(({ maxRows }) => maxRows)),
      easyRows: total(paces.map(({ easyRows }) => easyRows)),
      rowMs: 1 / total(paces.map(({ rowMs }) => 1 / rowMs)),
      autoencoderMs: 1 / total(paces.map(({ autoencoderMs }) => 1 / autoencoderMs)),
      aloneMs: Math.max(...paces.map(({ aloneMs }) => aloneMs)),
    },
  };
}
