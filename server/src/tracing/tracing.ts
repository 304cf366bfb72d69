import type { TraceContext } from './traceparent.js';

type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanStart {
  /** Undefined for a new trace. */
  readonly parent: TraceContext | undefined;
  /** When it began, ms on the clock of `performance`. */
  readonly startMs: number;
  readonly attributes: Attributes;
}

/** A span that is exported when it ends. */
export interface OpenSpan {
  readonly context: TraceContext;
  end(attributes: Attributes): void;
  fail(code: string, message: string): void;
}

/** Makes spans, and exports those that are sampled. */
export interface Tracing {
  /** @returns undefined if this trace is not sampled */
  begin(name: string, start: SpanStart): OpenSpan | undefined;
  /** Exports what is left, within a second. */
  stop(): Promise<void>;
}

/** @param service names the kind of process, unless OTEL_SERVICE_NAME does */
export type StartTracing = (service: string, env: Readonly<Record<string, string | undefined>>) => Tracing;
