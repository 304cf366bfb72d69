import { DEFAULT_PARAMS, type ParamsPatch } from '@underpaint/shared';
import { describe, expect, it } from 'vitest';
import { ParamsSync } from './params-sync.js';

function sync(shared: boolean) {
  const sent: ParamsPatch[] = [];
  const params = new ParamsSync((patch) => sent.push(patch) > 0, shared);
  return { params, sent };
}

describe('ParamsSync', () => {
  it('asks a new session for everything that was wanted', () => {
    const { params, sent } = sync(false);
    params.change({ prompt: 'hills' });
    params.start(DEFAULT_PARAMS);
    params.answered({ ...DEFAULT_PARAMS, prompt: 'hills' });
    params.start(DEFAULT_PARAMS);
    expect(sent).toEqual([{ prompt: 'hills' }, { prompt: 'hills' }]);
  });

  it('leaves shared parameters as others made them, once its own patch was answered', () => {
    const { params, sent } = sync(true);
    params.change({ prompt: 'hills', steps: 2 });
    params.start({ ...DEFAULT_PARAMS, steps: 2 });
    expect(sent, 'what is so already is not asked for').toEqual([{ prompt: 'hills' }]);
    expect(params.wanted).toEqual({ prompt: 'hills' });
    params.answered({ ...DEFAULT_PARAMS, prompt: 'hills' });
    expect(params.wanted).toEqual({});
    params.start({ ...DEFAULT_PARAMS, prompt: 'the sea' });
    expect(sent).toHaveLength(1);
    params.stop();
    params.change({ steps: 3 });
    params.start({ ...DEFAULT_PARAMS, prompt: 'the sea', steps: 1 });
    expect(sent.at(-1), 'what was changed without a connection').toEqual({ steps: 3 });
  });
});
