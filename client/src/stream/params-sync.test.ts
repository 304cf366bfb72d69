import { DEFAULT_PARAMS, type ParamsPatch } from '@underpaint/shared';
import { describe, expect, it } from 'vitest';
import { ParamsSync } from './params-sync.js';

function sync(shared: boolean) {
  const sent: ParamsPatch[] = [];
  const params = new ParamsSync((patch) => sent.push(patch) > 0, shared);
  return { params, sent };
}

describe('ParamsSync', () => {
  it('sends all wanted parameters to a new session', () => {
    const { params, sent } = sync(false);
    params.change({ prompt: 'hills' });
    params.start(DEFAULT_PARAMS);
    params.answered({ ...DEFAULT_PARAMS, prompt: 'hills' });
    params.start(DEFAULT_PARAMS);
    expect(sent).toEqual([{ prompt: 'hills' }, { prompt: 'hills' }]);
  });

  it('does not overwrite shared parameters after its own patch was answered', () => {
    const { params, sent } = sync(true);
    params.change({ prompt: 'hills', steps: 2 });
    params.start({ ...DEFAULT_PARAMS, steps: 2 });
    expect(sent, 'values already in effect are not sent').toEqual([{ prompt: 'hills' }]);
    expect(params.wanted).toEqual({ prompt: 'hills' });
    params.answered({ ...DEFAULT_PARAMS, prompt: 'hills' });
    expect(params.wanted).toEqual({});
    params.start({ ...DEFAULT_PARAMS, prompt: 'the sea' });
    expect(sent).toHaveLength(1);
    params.stop();
    params.change({ steps: 3 });
    params.start({ ...DEFAULT_PARAMS, prompt: 'the sea', steps: 1 });
    expect(sent.at(-1), 'changes made offline').toEqual({ steps: 3 });
  });
});
