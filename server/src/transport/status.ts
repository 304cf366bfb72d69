import type { RequestListener, ServerResponse } from 'node:http';
import { setSecurityHeaders } from './security-headers.js';
import { readTarget } from './target.js';

export interface StatusRoutes {
  readonly isReady: () => boolean;
  readonly metrics: () => Promise<string>;
  readonly metricsType: string;
}

/** Answers monitoring systems only: health and metrics of a process without a page. */
export function createStatusListener({ isReady, metrics, metricsType }: StatusRoutes): RequestListener {
  return (request, response) => {
    setSecurityHeaders(response);
    if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'only GET and HEAD');
    switch (readTarget(request)?.path) {
      case '/healthz':
        return send(response, 200, 'ok');
      case '/readyz':
        return isReady() ? send(response, 200, 'ready') : send(response, 503, 'not ready');
      case '/metrics':
        return void metrics().then(
          (body) => response.writeHead(200, { 'Content-Type': metricsType }).end(body),
          () => send(response, 500, 'the metrics cannot be read'),
        );
      default:
        return send(response, 404, 'there are /metrics, /healthz and /readyz here');
    }
  };
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' }).end(body);
}
