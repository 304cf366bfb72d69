import { describe, expect, it } from 'vitest';
import { FrameError } from '../../../../server/src/errors.js';
import type { InferenceExecutor, RenderOptions, RenderRequest } from '../../../../server/src/inference/contract.js';
import { TracedExecutor } from '../../../../server/src/tracing/traced-executor.js';
import { formatTraceparent } from '../../../../server/src/tracing/traceparent.js';
import type { SpanStart, Tracing } from '../../../../server/src/tracing/tracing.js';
import { rendered, settled } from '../../../helpers/fakes.js';

const PARENT = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', isSampled: true };
const OWN = { ...PARENT, spanId: '00f067aa0ba902b7' };
const asked = { frame: {}, reason: 'frame', askedMs: 5, queueMs: 3 };

/** An executor in tracing, with everything that happens to both. */
function world({ isSampled = true, fails = false } = {}) {
  const begun: SpanStart[] = [];
  const events: unknown[] = [];
  const requests: RenderRequest[] = [];
  const tracing: Tracing = {
    begin: (name, start) => {
      begun.push(start);
      const end = (attributes: object) => events.push([name, attributes]);
      return isSampled ? { context: OWN, end, fail: (code) => events.push([name, code]) } : undefined;
    },
    stop: () => Promise.resolve(),
  };
  const executor: InferenceExecutor = {
    untilFree: () => Promise.resolve(),
    render: (request) => {
      requests.push(request);
      const outcome = fails ? Promise.reject(new FrameError('worker-failed', 'it died')) : Promise.resolve(rendered());
      return { outcome, cancel: () => undefined };
    },
  };
  const log = { warn: (entry: object) => events.push(entry) };
  const traced = new TracedExecutor(executor, { tracing, log: log as never, now: () => 9 });
  const render = async (request: object, options: Partial<RenderOptions>) => {
    await traced.render({ steps: 2, ...request } as never, options as never).outcome.catch(() => undefined);
    await settled();
  };
  return { render, begun, events, requests };
}

describe('a traced executor', () => {
  it('begins a trace when a frame was asked for, and sends its place along', async () => {
    const { render, begun, events, requests } = world();
    await render({}, { asked });
    expect(begun).toMatchObject([{ parent: undefined, startMs: 5, attributes: { 'underpaint.queue_ms': 3 } }]);
    expect(requests[0]!.traceparent).toBe(formatTraceparent(OWN));
    expect(events).toMatchObject([['frame', { 'underpaint.outcome': 'image' }]]);
  });

  it('continues that trace on a worker, and does nothing there for other frames', async () => {
    const { render, begun, requests } = world();
    await render({ traceparent: formatTraceparent(PARENT) }, {});
    await render({}, {});
    expect(begun).toMatchObject([{ parent: PARENT, startMs: 9 }]);
    expect(requests.map(({ traceparent }) => traceparent)).toEqual([formatTraceparent(OWN), undefined]);
  });

  it('passes a frame on unchanged when its trace is not sampled', async () => {
    const { render, requests } = world({ isSampled: false });
    await render({}, { asked });
    expect(requests).toEqual([{ steps: 2 }]);
  });

  it('continues the traces of clients, but not all that they ask for', async () => {
    const { render, begun } = world();
    const frame = { traceparent: formatTraceparent(PARENT) };
    for (let i = 0; i < 20; i++) await render({}, { asked: { ...asked, frame } });
    expect(begun.filter(({ parent }) => parent)).toHaveLength(10);
    await render({}, { asked: { ...asked, frame: { traceparent: 'nonsense' } } });
    expect(begun.at(-1)!.parent).toBeUndefined();
  });

  it('logs the id of a trace whose frame fails', async () => {
    const { render, events } = world({ fails: true });
    await render({}, { asked });
    expect(events).toMatchObject([
      ['frame', 'worker-failed'],
      { trace_id: OWN.traceId, span_id: OWN.spanId, code: 'worker-failed', reason: 'it died' },
    ]);
  });
});
