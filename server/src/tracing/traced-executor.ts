import { FrameError } from '../errors.js';
import type {
  InferenceExecutor,
  Rendering,
  RenderOptions,
  RenderOutcome,
  RenderRequest,
} from '../inference/contract.js';
import type { Logger } from '../logger.js';
import { TokenBucket } from '../token-bucket.js';
import { formatTraceparent, parseTraceparent, type TraceContext } from './traceparent.js';
import type { OpenSpan, Tracing } from './tracing.js';

export interface TracedOptions {
  readonly tracing: Tracing;
  readonly log: Pick<Logger, 'warn'>;
  /** Clock in ms, of `performance`. */
  readonly now: () => number;
}

/** Clients may ask for the traces of their frames, but not for all that a server can export. */
const ASKED_PER_SECOND = 10;

/** An executor whose frames are spans: on a gateway from the moment that they were asked for, on a worker while they run. */
export class TracedExecutor implements InferenceExecutor {
  readonly #executor: InferenceExecutor;
  readonly #options: TracedOptions;
  readonly #asked: TokenBucket;

  constructor(executor: InferenceExecutor, options: TracedOptions) {
    this.#executor = executor;
    this.#options = options;
    this.#asked = new TokenBucket({ perSecond: ASKED_PER_SECOND, capacity: ASKED_PER_SECOND, now: options.now });
  }

  untilFree(signal: AbortSignal): Promise<void> {
    return this.#executor.untilFree(signal);
  }

  render(request: RenderRequest, options: RenderOptions): Rendering {
    const span = this.#begin(request, options);
    if (!span) return this.#executor.render(request, options);
    const traced = { ...request, traceparent: formatTraceparent(span.context) };
    const rendering = this.#executor.render(traced, options);
    rendering.outcome.then(
      (outcome) => span.end(attributesOf(outcome)),
      (error: unknown) => this.#fail(span, error),
    );
    return rendering;
  }

  #begin({ traceparent, steps }: RenderRequest, { asked }: RenderOptions): OpenSpan | undefined {
    const { tracing, now } = this.#options;
    if (asked) {
      const { frame, reason, askedMs, queueMs } = asked;
      const attributes = { 'underpaint.reason': reason, 'underpaint.steps': steps, 'underpaint.queue_ms': queueMs };
      return tracing.begin('frame', { parent: this.#parentOf(frame.traceparent), startMs: askedMs, attributes });
    }
    const parent = traceparent === undefined ? undefined : parseTraceparent(traceparent);
    return parent && tracing.begin('render', { parent, startMs: now(), attributes: { 'underpaint.steps': steps } });
  }

  /** The span of the client, if it has one and may have it continued. */
  #parentOf(traceparent: string | undefined): TraceContext | undefined {
    const parent = traceparent === undefined ? undefined : parseTraceparent(traceparent);
    return parent && (!parent.isSampled || this.#asked.take(1)) ? parent : undefined;
  }

  #fail(span: OpenSpan, error: unknown): void {
    const { message } = error as Error;
    const code = error instanceof FrameError ? error.code : 'fault';
    span.fail(code, message);
    const { traceId, spanId } = span.context;
    this.#options.log.warn({ trace_id: traceId, span_id: spanId, code, reason: message }, 'a traced frame failed');
  }
}

function attributesOf(outcome: RenderOutcome): Parameters<OpenSpan['end']>[0] {
  if (typeof outcome === 'string') return { 'underpaint.outcome': outcome };
  const { decodeMs, inferMs, encodeMs } = outcome.timing;
  return {
    'underpaint.outcome': 'image',
    'underpaint.decode_ms': decodeMs,
    'underpaint.infer_ms': inferMs,
    'underpaint.encode_ms': encodeMs,
  };
}
