import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Guard } from '../guard.js';
import type { Logger } from '../logger.js';
import { sendAnswer } from './answer.js';
import { Listener } from './listener.js';
import { setSecurityHeaders } from './security-headers.js';
import { readTarget } from './target.js';

export interface FactsRoutes {
  readonly isReady: () => boolean;
  readonly info: () => object;
  readonly metrics: () => Promise<string>;
  readonly metricsType: string;
}

/** Of the options of a command. */
export interface FactsAddress {
  readonly internalHost: string;
  /** 0 for none. */
  readonly internalPort: number;
}

export interface FactsPortOptions {
  readonly routes: FactsRoutes;
  readonly maxConnections: number;
  readonly guard: Guard;
  readonly log: Pick<Logger, 'error'>;
  /** A connection beyond `maxConnections` was closed. */
  readonly onDropped: () => void;
}

/** The internal port, which answers monitoring systems: health, metrics and facts, and nothing else. */
export function createFactsPort({ internalHost, internalPort }: FactsAddress, options: FactsPortOptions): Listener {
  const { routes, maxConnections, guard, log, onDropped } = options;
  return new Listener({
    host: internalHost,
    port: internalPort,
    portFlag: '--internal-port',
    tlsCert: '',
    tlsKey: '',
    maxConnections,
    onRequest: createFactsListener(routes, guard),
    onDropped,
    onError: (error) => log.error({ err: error }, 'connection'),
  });
}

function createFactsListener(routes: FactsRoutes, guard: Guard): RequestListener {
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
