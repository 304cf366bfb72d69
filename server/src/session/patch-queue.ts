import { CLOSE, ParamsError } from '@underpaint/shared';
import { FrameError } from '../errors.js';
import type { Metrics } from '../metrics.js';
import type { PromptCheck, Verdict } from '../words/prompt-check.js';
import type { Channel } from './channel.js';
import type { Participant } from './participant.js';

export interface PatchQueueOptions {
  /** The site's own check of words, if it has one. */
  readonly promptCheck?: PromptCheck | undefined;
  /** Of the session; undefined once it is over. */
  readonly participant: () => Participant | undefined;
  readonly channel: Pick<Channel, 'tellFailed' | 'close'>;
  readonly metrics: Pick<Metrics, 'promptChecks'>;
  /** Runs work; what it throws ends this session only. */
  readonly run: (work: () => unknown) => void;
}

/** Our own client has one patch under way at a time. */
const MAX_WAITING = 32;

/**
 * Changes of parameters of one session, in their order. While a prompt is checked, its patch and those after it wait; frames go
 * on with the parameters in force.
 */
export class PatchQueue {
  readonly #options: PatchQueueOptions;
  readonly #waiting: unknown[] = [];
  #isChecking = false;

  constructor(options: PatchQueueOptions) {
    this.#options = options;
  }

  handle(patch: unknown): void {
    if (this.#waiting.length >= MAX_WAITING) {
      return this.#options.channel.close(CLOSE.policy, 'too many changes of parameters while the words are checked');
    }
    this.#waiting.push(patch);
    this.#drain();
  }

  #drain(): void {
    if (!this.#options.participant()) this.#waiting.length = 0;
    while (!this.#isChecking && this.#waiting.length > 0) this.#take(this.#waiting.shift());
  }

  #take(patch: unknown): void {
    const { promptCheck, participant, run } = this.#options;
    const prompt = promptOf(patch);
    // The prompt in force has been allowed before.
    if (!promptCheck || prompt === undefined || prompt === participant()?.canvas.params.prompt)
      return this.#apply(patch);
    const verdict = promptCheck.check(prompt);
    if (!(verdict instanceof Promise)) return this.#settle(patch, verdict);
    this.#isChecking = true;
    run(async () => {
      const answer = await verdict;
      this.#isChecking = false;
      this.#settle(patch, answer);
      this.#drain();
    });
  }

  #settle(patch: unknown, { result, reason }: Verdict): void {
    const { channel, metrics } = this.#options;
    metrics.promptChecks.inc({ result });
    if (result === 'allowed') this.#apply(patch);
    else channel.tellFailed(undefined, new FrameError('prompt-refused', reason));
  }

  #apply(patch: unknown): void {
    try {
      this.#options.participant()?.handleParams(patch);
    } catch (error) {
      if (!(error instanceof ParamsError)) throw error;
      this.#options.channel.tellFailed(undefined, new FrameError('bad-params', error.message));
    }
  }
}

/** The prompt in a patch; whether the patch is valid is found out when it is applied. */
function promptOf(patch: unknown): string | undefined {
  if (typeof patch !== 'object' || patch === null || !('prompt' in patch)) return undefined;
  return typeof patch.prompt === 'string' ? patch.prompt : undefined;
}
