import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Guard } from '../guard.js';
import { sendAnswer } from './answer.js';
import { setSecurityHeaders } from './security-headers.js';
import { readTarget } from './target.js';

export interface FactsRoutes {
  readonly isReady: () => boolean;
  readonly info: () => object;
  readonly metrics: () => Promise<string>;
  readonly metricsType: string;
}

/** Answers monitoring systems on the internal port: health, metrics and facts, and nothing else. */
export function createFactsListener(routes: FactsRoutes, guard: Guard): RequestListener {
  return (request, response) => {
    const fail = () => {
      if (response.headersSent) response.destroy();
      else sendAnswer(response, { status: 500, text: 'the server failed to answer this request' });
    };
    setSecurityHeaders(response);
    guard('http', () => answer(routes, request, response), fail);
  };
}

async function answer(routes: FactsRoutes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return sendAnswer(response, {
      status: 405,
      text: 'only GET, HEAD can be used here',
      headers: { Allow: 'GET, HEAD' },
    });
  }
  switch (readTarget(request)?.path) {
    case '/healthz':
      return sendAnswer(response, { status: 200, text: 'ok' });
    case '/readyz':
      return sendAnswer(
        response,
        routes.isReady() ? { status: 200, text: 'ready' } : { status: 503, text: 'not ready' },
      );
    case '/api/info':
      return sendAnswer(response, { status: 200, json: routes.info() });
    case '/metrics':
      return sendAnswer(response, {
        status: 200,
        text: await routes.metrics(),
        headers: { 'Content-Type': routes.metricsType },
      });
    default:
      return sendAnswer(response, { status: 404, text: 'there are /healthz, /readyz, /api/info and /metrics here' });
  }
}
