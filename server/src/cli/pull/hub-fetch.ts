import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../../errors.js';
import type { Transport } from './proxied-fetch.js';

export interface HubFetchOptions {
  /** The hub; the token is sent to its origin and to no other. */
  readonly endpoint: URL;
  readonly token: string | undefined;
  /** The model's name, for error messages. */
  readonly model: string;
  readonly transport: Transport;
  readonly signal: AbortSignal;
  /** The longest wait that a busy hub may ask for, altogether. */
  readonly maxWaitMs?: number;
  /** Wait before what broke is tried again; doubled each time. */
  readonly backoffMs?: number;
}

const MAX_REDIRECTS = 5;
const MAX_TRIES = 4;
/** If the hub has not begun to answer by then, it counts as unreachable. */
const ANSWER_MS = 30_000;

/** `fetch` for the hub's client and for our transfers. It returns successful answers only and throws for all others. */
export type HubFetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/**
 * A `fetch` that carries the token to the hub only, waits when the hub says so, tries again what broke on the way, and
 * turns every other answer into one line for a person.
 *
 * @throws UsageError (from the function given back)
 */
export function createHubFetch(options: HubFetchOptions): HubFetch {
  const { maxWaitMs = 120_000, backoffMs = 500, signal } = options;
  let waitedMs = 0;
  return async (url, init) => {
    for (let tries = 1; ; tries++) {
      const answer = await attempt(new URL(url), init, options);
      if (!(answer instanceof Error) && answer.ok) return answer;
      signal.throwIfAborted();
      const asked = !(answer instanceof Error) && answer.status === 429 ? retryAfterMs(answer) : undefined;
      const waitMs = asked ?? backoffMs * 2 ** (tries - 1);
      const isPassing = answer instanceof Error || answer.status === 429 || answer.status >= 500;
      if (!isPassing || tries === MAX_TRIES || waitedMs + waitMs > maxWaitMs) throw refusal(answer, waitMs, options);
      if (!(answer instanceof Error)) await answer.body?.cancel();
      waitedMs += waitMs;
      await sleep(waitMs, undefined, { signal });
    }
  };
}

/** One request with its redirects. Network errors are returned, not thrown. */
async function attempt(first: URL, init: RequestInit | undefined, options: HubFetchOptions): Promise<Response | Error> {
  let url = first;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const answer = await request(url, init, options);
    const location = !(answer instanceof Error) && answer.status >= 300 && answer.status < 400 && where(answer, url);
    if (!location) return answer;
    if (url.protocol === 'https:' && location.protocol !== 'https:') {
      throw new UsageError(`${url.host} sends to ${location.origin}, which is not https: nothing is taken from there`);
    }
    url = location;
  }
  throw new UsageError(`${first.host} redirects without end`);
}

async function request(url: URL, init: RequestInit = {}, options: HubFetchOptions): Promise<Response | Error> {
  const { endpoint, token, transport, signal } = options;
  const headers = new Headers(init.headers);
  headers.delete('authorization');
  if (token !== undefined && url.origin === endpoint.origin) headers.set('authorization', `Bearer ${token}`);
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error(`no answer within ${ANSWER_MS / 1_000} s`)), ANSWER_MS);
  try {
    const ended = AbortSignal.any([signal, late.signal]);
    return await transport.fetch(url, { ...init, headers, redirect: 'manual', signal: ended });
  } catch (error) {
    signal.throwIfAborted();
    return error as Error;
  } finally {
    clearTimeout(timer);
  }
}

function where(answer: Response, from: URL): URL | undefined {
  const location = answer.headers.get('location');
  void answer.body?.cancel();
  return location !== null && URL.canParse(location, from.href) ? new URL(location, from) : undefined;
}

/** Seconds or a date (RFC 9110, 10.2.3). */
function retryAfterMs(answer: Response): number | undefined {
  const text = answer.headers.get('retry-after');
  if (text === null) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function refusal(answer: Response | Error, waitMs: number, options: HubFetchOptions): UsageError {
  const { endpoint, model, token, transport } = options;
  if (answer instanceof Error) {
    const way = transport.proxies === '' ? '' : ` through the proxy ${transport.proxies}`;
    const advice = way === '' ? 'is there a network?' : 'are HTTPS_PROXY, HTTP_PROXY and NO_PROXY right?';
    return new UsageError(
      `${endpoint.host} cannot be reached${way} (${reasonOf(answer)}): ${advice} HF_ENDPOINT names another hub`,
    );
  }
  return new UsageError(STATUS_WORDS[answer.status]?.({ endpoint, model, token, waitMs }) ?? unexpected(answer));
}

/** The code of the system, or the words of the library where it made up a code of its own. */
function reasonOf(error: Error): string {
  if (error.cause instanceof Error) return reasonOf(error.cause);
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined || code.startsWith('UND_') ? message : code;
}

type StatusWords = (told: Pick<HubFetchOptions, 'endpoint' | 'model' | 'token'> & { waitMs: number }) => string;

const STATUS_WORDS: Readonly<Record<number, StatusWords>> = {
  401: ({ endpoint, model, token }) =>
    token === undefined
      ? `${model} does not exist at ${endpoint.host}, or is private: HF_TOKEN names a token that may read it`
      : `${endpoint.host} does not take the token in HF_TOKEN, or there is no ${model}`,
  403: ({ endpoint, model, token }) =>
    `access to ${model} must be asked for at ${endpoint.href}${model.split('@')[0]}` +
    (token === undefined ? ', then set HF_TOKEN' : ' by the owner of HF_TOKEN'),
  404: ({ endpoint, model }) => `there is no ${model} at ${endpoint.host}: look at the name and the revision`,
  429: ({ endpoint, waitMs }) =>
    `${endpoint.host} has had too many requests: try again in ${Math.ceil(waitMs / 1_000)} s, where it goes on`,
};

function unexpected({ status, url }: Response): string {
  return `${new URL(url).host} answers with status ${status}: try again later`;
}
