import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../server/src/errors.js';
import { openPromptCheck } from '../../../server/src/words/open-prompt-check.js';
import type { PromptCheck, Verdict } from '../../../server/src/words/prompt-check.js';
import { METRICS, settled } from '../../helpers/fakes.js';
import { enterSession, frame, render, told, type TestSession } from '../../helpers/test-session.js';

const ALLOWED: Verdict = { result: 'allowed', reason: '' };
const REFUSED: Verdict = { result: 'refused', reason: 'Only landscapes, please.' };

/** A check whose answers the test gives, in any order. */
class SlowCheck implements PromptCheck {
  readonly #asked = new Map<string, (verdict: Verdict) => void>();

  check(prompt: string): Promise<Verdict> {
    return new Promise((resolve) => this.#asked.set(prompt, resolve));
  }

  reload(): void {}

  get asked(): string[] {
    return [...this.#asked.keys()];
  }

  async answer(prompt: string, verdict: Verdict): Promise<void> {
    this.#asked.get(prompt)!(verdict);
    await settled();
  }
}

const hats: PromptCheck = {
  check: (prompt) => (prompt.includes('hat') ? REFUSED : ALLOWED),
  reload: () => undefined,
};

const enter = (promptCheck: PromptCheck) => enterSession({ session: { promptCheck } });
const say = ({ session }: TestSession, params: object) => session.handleMessage({ type: 'params', params });
const checks = async (result: string) =>
  (await METRICS.promptChecks.get()).values.find(({ labels }) => labels['result'] === result)?.value ?? 0;

describe('refused words', () => {
  it('change nothing, and are an error with the sentence of the site', async () => {
    const before = await checks('refused');
    const test = await enter(hats);
    say(test, { prompt: 'a bay', steps: 3 });
    say(test, { prompt: 'a hat', steps: 4 });
    expect(test.canvas.params).toMatchObject({ prompt: 'a bay', steps: 3 });
    expect(told(test)).toMatchObject([
      { type: 'params' },
      { type: 'error', code: 'prompt-refused', message: 'Only landscapes, please.', retryable: false },
    ]);
    expect(await checks('refused')).toBe(before + 1);
  });

  it('leave the last picture, and the next frame has the words before', async () => {
    const test = await enter(hats);
    say(test, { prompt: 'a bay' });
    test.session.handleMessage(frame(1));
    render(test);
    say(test, { prompt: 'a hat' });
    expect(test.canvas.readyAt(), 'nothing is painted again').toBeNull();
    test.session.handleMessage(frame(2));
    expect(test.canvas.take()!.request.params.prompt).toBe('a bay');
  });
});

describe('words that are still checked', () => {
  it('keep neither frames nor other sessions waiting', async () => {
    const check = new SlowCheck();
    const [test, other] = [await enter(check), await enter(check)];
    say(test, { prompt: 'a bay' });
    say(other, { prompt: 'a hill' });
    test.session.handleMessage(frame(1));
    expect(test.canvas.take()!.request.params.prompt).toBe('');
    await check.answer('a hill', ALLOWED);
    expect([other.canvas.params.prompt, test.canvas.params.prompt]).toEqual(['a hill', '']);
    await check.answer('a bay', ALLOWED);
    expect(test.canvas.params.prompt).toBe('a bay');
  });

  it('have later changes wait, each of which gets its answer in order', async () => {
    const check = new SlowCheck();
    const test = await enter(check);
    say(test, { prompt: 'a bay', steps: 3 });
    say(test, { steps: 4 });
    say(test, { steps: 'many' });
    say(test, { prompt: 'a hat' });
    expect([told(test), check.asked]).toEqual([[], ['a bay']]);
    await check.answer('a bay', ALLOWED);
    await check.answer('a hat', REFUSED);
    expect(told(test)).toMatchObject([
      { type: 'params', params: { prompt: 'a bay', steps: 3 } },
      { type: 'params', params: { steps: 4 } },
      { type: 'error', code: 'bad-params' },
      { type: 'error', code: 'prompt-refused' },
    ]);
  });

  it('are forgotten when the session ends, and a flood of changes ends it', async () => {
    const check = new SlowCheck();
    const test = await enter(check);
    say(test, { prompt: 'a bay' });
    for (let i = 0; i < 33; i++) say(test, { prompt: `a bay ${i}` });
    expect(test.channel.isClosed).toBe(true);
    await check.answer('a bay', ALLOWED);
    expect(check.asked).toEqual(['a bay']);
  });

  it('are not asked about again while they are in force', async () => {
    const check = new SlowCheck();
    const test = await enter(check);
    say(test, { prompt: 'a bay' });
    await check.answer('a bay', ALLOWED);
    say(test, { prompt: 'a bay', steps: 3 });
    expect(test.canvas.params.steps).toBe(3);
  });
});

describe('--prompt-check', () => {
  const open = (text: string) => openPromptCheck(text, {} as never);

  it('may be left out', () => {
    expect(open('')).toBeUndefined();
  });

  it.each(['https://', 'no-such-file.txt'])('names what is wrong with %s', (text) => {
    expect(() => open(text)).toThrow(UsageError);
    expect(() => open(text)).toThrow('--prompt-check');
  });
});
