import { LRUCache } from 'lru-cache';
import { UsageError } from '../errors.js';
import type { Logger } from '../logger.js';
import { logBudget, type TokenBucket } from '../token-bucket.js';
import type { PromptCheck, Verdict } from './prompt-check.js';

export interface SiteCheckOptions {
  readonly log: Pick<Logger, 'warn'>;
  /** Clock in ms. */
  readonly now: () => number;
  readonly timeoutMs?: number;
}

/** A person waits for the answer. */
const TIMEOUT_MS = 2_000;
/** Clients that reconnect send their prompts again. */
const KEPT_MS = 300_000;
const KEPT = 1_000;
const MAX_REASON_CHARS = 300;
const MAX_ANSWER_BYTES = 4_096;

const FAILED: Verdict = { result: 'failed', reason: 'the words could not be checked; try again later' };

/**
 * Asks an address about each prompt: POST with `{"prompt": "..."}`, answered with `{"allow": true}`, or with `{"allow": false,
 * "reason": "..."}`. Anything else, and no answer in time, counts as not allowed.
 */
export class SiteCheck implements PromptCheck {
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #options: SiteCheckOptions;
  readonly #logs: TokenBucket;
  /** The last answers. */
  readonly #kept: LRUCache<string, Verdict>;

  /** @throws UsageError if the address is invalid */
  constructor(address: string, options: SiteCheckOptions) {
    if (!URL.canParse(address)) throw new UsageError(`--prompt-check is neither an address nor a file: ${address}`);
    const { username, password } = (this.#url = new URL(address));
    const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
    this.#headers = {
      'Content-Type': 'application/json',
      ...(username !== '' && { Authorization: `Basic ${basic}` }),
    };
    this.#url.username = this.#url.password = '';
    this.#options = options;
    const { now } = options;
    this.#kept = new LRUCache({ max: KEPT, ttl: KEPT_MS, ttlResolution: 0, perf: { now } });
    this.#logs = logBudget(now);
  }

  check(prompt: string): Verdict | Promise<Verdict> {
    return this.#kept.get(prompt) ?? this.#ask(prompt);
  }

  /** What was allowed before may not be any more. */
  reload(): void {
    this.#kept.clear();
  }

  async #ask(prompt: string): Promise<Verdict> {
    try {
      const verdict = readVerdict(await this.#post(JSON.stringify({ prompt })));
      this.#kept.set(prompt, verdict);
      return verdict;
    } catch (error) {
      const { message, cause } = error as Error;
      const reason = cause instanceof Error ? `${message}: ${cause.message}` : message;
      if (this.#logs.take(1)) this.#options.log.warn({ reason }, 'a prompt could not be checked, so it is not painted');
      return FAILED;
    }
  }

  async #post(body: string): Promise<string> {
    const { timeoutMs = TIMEOUT_MS } = this.#options;
    const signal = AbortSignal.timeout(timeoutMs);
    const init = { method: 'POST', headers: this.#headers, body, signal, redirect: 'error' } as const;
    const response = await fetch(this.#url, init);
    const answer = await readAtMost(response, MAX_ANSWER_BYTES);
    if (!response.ok) throw new Error(`it answered with status ${response.status}`);
    return answer;
  }
}

/** @throws Error if there is more */
async function readAtMost({ body }: Response, maxBytes: number): Promise<string> {
  let [text, bytes] = ['', 0];
  const decoder = new TextDecoder();
  for await (const chunk of body ?? []) {
    const part = chunk as Uint8Array;
    bytes += part.length;
    if (bytes > maxBytes) throw new Error(`its answer has more than ${maxBytes} bytes`);
    text += decoder.decode(part, { stream: true });
  }
  return text;
}

/** @throws Error if it is none */
function readVerdict(text: string): Verdict {
  const answer = JSON.parse(text) as { readonly allow?: unknown; readonly reason?: unknown } | null;
  if (answer?.allow === true) return { result: 'allowed', reason: '' };
  if (answer?.allow !== false) throw new Error('its answer has no "allow" that is true or false');
  const reason = typeof answer.reason === 'string' ? answer.reason.slice(0, MAX_REASON_CHARS) : '';
  return { result: 'refused', reason };
}
