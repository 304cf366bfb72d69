import { ANY_CONTROL, DEFAULT_PARAMS, DEFAULT_RANGES } from '@underpaint/shared';
import { describe, expect, it } from 'vitest';
import type { ServedModel } from '../../../server/src/inference/contract.js';
import { initialParams, rangesOf, summaryOf } from '../../../server/src/session/served-params.js';

const MODEL: ServedModel = {
  id: 'tiny',
  name: 'Tiny',
  width: 8,
  height: 8,
  prompts: [],
  palette: [],
  startsFromNoise: false,
  device: 'cpu',
  defaults: {},
  controls: {},
  guidance: 'rows',
  dtype: 'fp32',
  pace: { maxRows: 1, rowMs: 1, autoencoderMs: 1, aloneMs: 2, easyRows: 1 },
};

describe('the ranges of a model', () => {
  it('are those of all models where it says nothing, without control', () => {
    expect(rangesOf(MODEL)).toEqual(DEFAULT_RANGES);
    expect(rangesOf({ controls: { control: {} } })).toEqual({ ...DEFAULT_RANGES, control: ANY_CONTROL });
  });

  it('are narrowed to the useful ones', () => {
    const controls = { strength: { min: 0.5 }, guidance: { min: 1, max: 1 }, control: { min: 0.5, max: 1.5 } };
    expect(rangesOf({ controls })).toEqual({
      ...DEFAULT_RANGES,
      strength: { min: 0.5, max: 1, step: 0.01 },
      guidance: { min: 1, max: 1, step: 0.1 },
      control: { min: 0.5, max: 1.5, step: 0.05 },
    });
  });

  it('never reach beyond those of all models', () => {
    const { strength, steps } = rangesOf({ controls: { strength: { min: 0 }, steps: { min: 25, max: 50 } } });
    expect([strength.min, steps]).toEqual([0.05, { min: 8, max: 8, step: 1 }]);
  });

  it('are the same for the steps under load', () => {
    const { steps, minSteps } = rangesOf({ controls: { steps: { min: 2, max: 4 } } });
    expect([steps, minSteps]).toEqual(Array(2).fill({ min: 2, max: 4, step: 1 }));
  });
});

describe('the first parameters', () => {
  it('are those that the model suggests, over the general ones', () => {
    const model = {
      ...MODEL,
      controls: { control: { min: 0, max: 1.5 } },
      defaults: { control: 0.8, prompt: 'a sea' },
    };
    expect(initialParams(model, 1e6)).toEqual({ ...DEFAULT_PARAMS, control: 0.8, prompt: 'a sea' });
  });

  it('are within the ranges even where the model suggests nothing', () => {
    const controls = { strength: { max: 0.5 }, guidance: { max: 1 }, control: { max: 0.7 }, steps: { min: 4 } };
    const inRange = { strength: 0.5, guidance: 1, control: 0.7, steps: 4, minSteps: 4 };
    expect(initialParams({ ...MODEL, controls }, 1e6)).toEqual({ ...DEFAULT_PARAMS, ...inRange });
  });
});

describe('the summary of a model', () => {
  const told = { id: 'tiny', name: 'Tiny', width: 8, height: 8, prompts: [], palette: [], startsFromNoise: false };

  it('has what its folder says, and nothing that concerns the server alone', () => {
    expect(summaryOf(MODEL)).toStrictEqual(told);
    const more = { emptySheet: '#ffffff', vocabulary: ['sea'], startsFromNoise: true };
    expect(summaryOf({ ...MODEL, ...more })).toStrictEqual({ ...told, ...more });
  });
});
