import { DEFAULT_RANGES } from '@underpaint/shared';
import { describe, expect, it } from 'vitest';
import type { ServedModel } from '../../../server/src/inference/contract.js';
import { initialParams, rangesOf } from '../../../server/src/session/served-params.js';

const MODEL: ServedModel = {
  id: 'tiny',
  name: 'Tiny',
  width: 8,
  height: 8,
  prompts: [],
  palette: [],
  device: 'cpu',
  defaults: {},
  guidance: 'rows',
  pace: { maxRows: 1, rowMs: 1, autoencoderMs: 1 },
};

describe('the range of control', () => {
  it('is there only for a model that takes it', () => {
    expect(rangesOf(MODEL)).toEqual(DEFAULT_RANGES);
    const ranges = rangesOf({ ...MODEL, control: { min: 0.5, max: 1.5 } });
    expect(ranges.control).toEqual({ min: 0.5, max: 1.5, step: 0.05 });
  });

  it('holds the default that the model suggests', () => {
    const model = { ...MODEL, control: { min: 0, max: 1.5 }, defaults: { control: 0.8 } };
    expect(initialParams(model, 1e6).control).toBe(0.8);
    expect(initialParams(MODEL, 1e6).control).toBe(1);
  });
});
