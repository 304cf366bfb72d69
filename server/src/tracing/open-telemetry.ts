import { ROOT_CONTEXT, SpanStatusCode, trace, TraceFlags, type Span } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import { VERSION } from '../version.js';
import type { OpenSpan, SpanStart, StartTracing, Tracing } from './tracing.js';
import type { TraceContext } from './traceparent.js';

/** Share of the frames that are traced unless OTEL_TRACES_SAMPLER says otherwise: there are hundreds a second. */
const SAMPLED_SHARE = 0.01;
const STOP_MS = 1_000;

/** Exports spans through the SDK of OpenTelemetry, which reads its own variables (OTEL_...). */
export const startOpenTelemetry: StartTracing = (service, env) => {
  const named = resourceFromAttributes({ 'service.name': service, 'service.version': VERSION });
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(named)
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
    ...(env['OTEL_TRACES_SAMPLER'] === undefined && {
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(SAMPLED_SHARE) }),
    }),
  });
  return new OpenTelemetry(provider);
};

class OpenTelemetry implements Tracing {
  readonly #provider: BasicTracerProvider;

  constructor(provider: BasicTracerProvider) {
    this.#provider = provider;
  }

  begin(name: string, { parent, startMs, attributes }: SpanStart): OpenSpan | undefined {
    const context = parent ? trace.setSpanContext(ROOT_CONTEXT, remoteContext(parent)) : ROOT_CONTEXT;
    const options = { startTime: performance.timeOrigin + startMs, attributes };
    const span = this.#provider.getTracer('underpaint', VERSION).startSpan(name, options, context);
    return span.isRecording() ? new RecordedSpan(span) : undefined;
  }

  async stop(): Promise<void> {
    const stopped = this.#provider.shutdown().catch(() => undefined);
    await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, STOP_MS).unref())]);
  }
}

class RecordedSpan implements OpenSpan {
  readonly #span: Span;

  constructor(span: Span) {
    this.#span = span;
  }

  get context(): TraceContext {
    const { traceId, spanId } = this.#span.spanContext();
    return { traceId, spanId, isSampled: true };
  }

  end(attributes: Parameters<OpenSpan['end']>[0]): void {
    this.#span.setAttributes(attributes);
    this.#span.end();
  }

  fail(code: string, message: string): void {
    this.#span.setAttribute('error.type', code);
    this.#span.setStatus({ code: SpanStatusCode.ERROR, message });
    this.#span.end();
  }
}

function remoteContext({ traceId, spanId, isSampled }: TraceContext) {
  return { traceId, spanId, traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true };
}
