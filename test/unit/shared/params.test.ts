import { applyParams, DEFAULT_PARAMS, DEFAULT_RANGES, ParamsError, sameParams } from '@underpaint/shared';
import { describe, expect, it } from 'vitest';

describe('applyParams', () => {
  it('changes what the patch names and nothing else', () => {
    expect(applyParams(DEFAULT_PARAMS, { prompt: 'a lake' })).toEqual({ ...DEFAULT_PARAMS, prompt: 'a lake' });
  });

  it.each([
    ['strength', 7, 1],
    ['strength', -1, 0.05],
    ['steps', 2.6, 3],
    ['steps', 1e9, 8],
    ['seed', -5, 0],
    ['quality', 100, 95],
    ['guidance', 0, 1],
    ['control', 9, 2],
  ])('clamps %s %d to %d', (name, given, effective) => {
    expect(applyParams(DEFAULT_PARAMS, { [name]: given })).toMatchObject({ [name]: effective });
  });

  it('clamps control to the range of the model', () => {
    const ranges = { ...DEFAULT_RANGES, control: { min: 0.5, max: 1.5, step: 0.05 } };
    expect(applyParams(DEFAULT_PARAMS, { control: 0 }, ranges).control).toBe(0.5);
  });

  it('keeps the minimum of steps at most the steps', () => {
    expect(applyParams(DEFAULT_PARAMS, { steps: 2, minSteps: 4 }).minSteps).toBe(2);
  });

  it.each([
    ['NaN', { strength: NaN }, /strength must be a finite number/],
    ['infinity', { guidance: Infinity }, /guidance must be a finite number/],
    ['a number as text', { steps: '4' }, /steps must be a finite number/],
    ['a prompt of 100 000 characters', { prompt: 'x'.repeat(100_000) }, /prompt has 100000 characters; at most 1000/],
    ['a prompt that is a list', { prompt: [] }, /prompt must be a string/],
    ['a preview that is a number', { preview: 1 }, /preview must be true or false/],
    ['a list in place of a map', [], /must be a map/],
    ['nothing', null, /must be a map/],
  ])('refuses %s and changes nothing', (_name, patch, reason) => {
    expect(() => applyParams(DEFAULT_PARAMS, patch)).toThrow(ParamsError);
    expect(() => applyParams(DEFAULT_PARAMS, patch)).toThrow(reason);
  });
});

it('sameParams compares every field', () => {
  expect(sameParams(DEFAULT_PARAMS, { ...DEFAULT_PARAMS })).toBe(true);
  expect(sameParams(DEFAULT_PARAMS, { ...DEFAULT_PARAMS, seed: 2 })).toBe(false);
});
