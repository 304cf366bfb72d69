import { existsSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import sirv from 'sirv';

const APP = fileURLToPath(new URL('../../client/dist/app', import.meta.url));
const CLIENT = fileURLToPath(new URL('../../client/dist', import.meta.url));

/** A page needs its own scripts, its own socket, and pictures made in memory; nothing else. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "connect-src 'self' ws: wss:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

export interface HttpRoutes {
  /** Path that everything is served under, with a slash at both ends. */
  readonly basePath: string;
  /** Origins whose pages may show `/embed` in a frame. */
  readonly frameAncestors: readonly string[];
  readonly isReady: () => boolean;
  readonly info: () => object;
  /** Makes a room: its keys, or why not. */
  readonly createRoom: (request: IncomingMessage) => object | { readonly retryAfterS: number } | 403;
  readonly metrics: () => Promise<string>;
  readonly metricsType: string;
}

/** Answers plain HTTP requests: the page, the widget, health, metrics and facts. */
export function createRequestListener(routes: HttpRoutes): RequestListener {
  const { basePath } = routes;
  const serveApp = serveFolder(APP);
  const serveClient = serveFolder(CLIENT);
  const embedding = ["'self'", ...routes.frameAncestors].join(' ');
  return (request, response) => {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'no-referrer');
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (request.method === 'POST' && pathname === `${basePath}api/rooms`) {
      return sendRoom(response, routes.createRoom(request), request.headers.origin);
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') return sendText(response, 405, 'only GET is served');
    if (`${pathname}/` === basePath) return redirect(response, basePath);
    if (!pathname.startsWith(basePath)) return sendText(response, 404, `everything is under ${basePath}`);
    const path = pathname.slice(basePath.length - 1);
    // What serves files looks at the address alone.
    request.url = path;
    switch (path) {
      case '/healthz':
        return sendText(response, 200, 'ok');
      case '/readyz':
        return routes.isReady() ? sendText(response, 200, 'ready') : sendText(response, 503, 'not ready');
      case '/api/info':
        return send(response, { status: 200, type: 'application/json', body: JSON.stringify(routes.info()) });
      case '/metrics':
        return void routes
          .metrics()
          .then((body) => send(response, { status: 200, type: routes.metricsType, body }))
          .catch(() => sendText(response, 500, 'the metrics could not be read'));
      case '/underpaint.js':
      case '/underpaint.js.map':
      case '/underpaint-rooms.js':
      case '/underpaint-rooms.js.map':
        // A script tag on any site may load them.
        response.setHeader('Access-Control-Allow-Origin', '*');
        response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
        return serveClient(request, response);
      default: {
        const ancestors = path === '/embed' ? embedding : "'none'";
        response.setHeader('Content-Security-Policy', `${CONTENT_SECURITY_POLICY}; frame-ancestors ${ancestors}`);
        return serveApp(request, response);
      }
    }
  };
}

function serveFolder(dir: string): (request: IncomingMessage, response: ServerResponse) => void {
  if (!existsSync(dir))
    return (_request, response) => sendText(response, 404, 'the client is not built: npm run build');
  const serve = sirv(dir, { etag: true });
  return (request, response) => serve(request, response, () => sendText(response, 404, 'there is nothing here'));
}

function sendRoom(response: ServerResponse, room: ReturnType<HttpRoutes['createRoom']>, origin = ''): void {
  if (room === 403) return sendText(response, 403, 'this page may not make rooms: see --allowed-origins');
  // A page of another origin that may make rooms may read their keys too.
  if (origin !== '') response.setHeader('Access-Control-Allow-Origin', origin);
  if ('retryAfterS' in room) {
    response.setHeader('Retry-After', room.retryAfterS);
    return sendText(response, 429, 'there are too many rooms, or too many of this address');
  }
  // A page from elsewhere that got this far is a friend's, and may read the answer.
  if (origin) response.setHeader('Access-Control-Allow-Origin', origin);
  send(response, { status: 201, type: 'application/json', body: JSON.stringify(room) });
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(308, { Location: location });
  response.end();
}

function sendText(response: ServerResponse, status: number, body: string): void {
  send(response, { status, type: 'text/plain; charset=utf-8', body });
}

function send(response: ServerResponse, { status, type, body }: { status: number; type: string; body: string }): void {
  response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' });
  response.end(body);
}
