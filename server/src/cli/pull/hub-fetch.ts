import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../../errors.js';
import type { Transport } from './proxied-fetch.js';

export interface HubFetchOptions {
  /** The hub. Only its origin receives the token. */
  readonly endpoint: URL;
  readonly token: string | undefined;
  /** Name of the model, for error messages. */
  readonly model: string;
  readonly transport: Transport;
  readonly signal: AbortSignal;
  /** Longest total time to wait for a busy hub. */
  readonly maxWaitMs?: number;
  /** Delay before the first retry; it doubles each time. */
  readonly backoffMs?: number;
}

const MAX_REDIRECTS = 5;
const MAX_TRIES = 4;
/** Longest time until the hub starts to answer. */
const ANSWER_MS = 30_000;

/** `fetch` for the hub's client and our transfers: it returns successful responses only. */
export type HubFetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/**
 * Makes a `fetch` that sends the token to the hub only, waits when the hub asks for it, retries broken requests, and turns
 * every other response into an error of one line.
 *
 * @throws UsageError from the returned function
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

/** Sends one request and follows its redirects. Network errors are returned, not thrown. */
async function attempt(first: URL, init: RequestInit | undefined, options: HubFetchOptions): Promise<Response | Error> {
  let url = first;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const answer = await request(url, init, options);
    const location = !(answer instanceof Error) && answer.status >= 300 && answer.status < 400 && where(answer, url);
    if (!location) return answer;
    if (url.protocol === 'https:' && location.protocol !== 'https:') {
      throw new UsageError(`${url.host} sends to ${location.origin}, which is not https: refused`);
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

/** The system's error code, or the library's message if the code is its own. */
function reasonOf(error: Error): string {
  if (error.cause instanceof Error) return reasonOf(error.cause);
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined || code.startsWith('UND_') ? message : code;
}

type StatusWords = (told: Pick<HubFetchOptions, 'endpoint' | 'model' | 'token'> & { waitMs: number }) => string;

const STATUS_WORDS: Readonly<Record<number, StatusWords>> = {
  401: ({ endpoint, model, token }) =>
    token === undefined
      ? `${model} does not exist at ${endpoint.host}, or is private: set HF_TOKEN to a token that may read it`
      : `${endpoint.host} rejects the token in HF_TOKEN, or has no ${model}`,
  403: ({ endpoint, model, token }) =>
    `access to ${model} must be requested at ${endpoint.href}${model.split('@')[0]}` +
    (token === undefined ? ', then set HF_TOKEN' : ' by the owner of HF_TOKEN'),
  404: ({ endpoint, model }) => `there is no ${model} at ${endpoint.host}: check the name and the revision`,
  429: ({ endpoint, waitMs }) =>
    `${endpoint.host} limits requests: run the same command in ${Math.ceil(waitMs / 1_000)} s to resume`,
};

function unexpected({ status, url }: Response): string {
  return `${new URL(url).host} answers with status ${status}: try again later`;
}
