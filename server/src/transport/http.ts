import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Guard } from '../guard.js';
import { sendAnswer, type Answer } from './answer.js';
import type { Gate } from './gate.js';
import { Ideas } from './ideas.js';
import { PageFiles } from './page-files.js';
import { openToAllSites, setPagePolicy, setSecurityHeaders } from './security-headers.js';
import { readTarget, type Target } from './target.js';

const APP = fileURLToPath(new URL('../../../client/dist/app', import.meta.url));
const CLIENT = fileURLToPath(new URL('../../../client/dist', import.meta.url));

/** Paths that `--internal-port` moves away from the public port. */
const INTERNAL: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/api/info', '/metrics']);
/** Time for which a browser may reuse the answer to a preflight request. */
const PREFLIGHT_SECONDS = 600;

export interface HttpRoutes {
  /** Base of all paths, with a slash at both ends. */
  readonly basePath: string;
  /** Origins whose pages may show `/embed` in a frame. */
  readonly frameAncestors: readonly string[];
  /** A new pass for the page for frames. */
  readonly framePass: () => string;
  readonly gate: Pick<Gate, 'isAllowedHost' | 'isAllowedOrigin'>;
  readonly guard: Guard;
  /** The folder with the model's ideas; it need not exist. */
  readonly ideasDir: string;
  readonly isReady: () => boolean;
  readonly info: () => object;
  /** Creates a room, and answers with its keys. */
  readonly createRoom: (request: IncomingMessage) => Promise<Answer>;
  /** Answers an operator; undefined for a path that is not for operators. */
  readonly operate: (request: IncomingMessage, path: string) => Promise<Answer> | undefined;
  /** Whether health, metrics and facts are on another port. */
  readonly hasInternalPort: boolean;
  readonly metrics: () => Promise<string>;
  readonly metricsType: string;
}

/** A request with a valid target, and its response. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: Target;
}

/** Answers plain HTTP requests: the page, the widget, health, metrics and facts. */
export function createRequestListener(routes: HttpRoutes): RequestListener {
  const site = new Site(routes);
  return (request, response) => {
    const fail = () => {
      if (response.headersSent) response.destroy();
      else sendText(response, 500, 'the server failed to answer this request');
    };
    routes.guard('http', () => site.answer(request, response), fail);
  };
}

/** The routes of the site. */
class Site {
  readonly #routes: HttpRoutes;
  readonly #app = new PageFiles(APP);
  readonly #bundle = new PageFiles(CLIENT, (path) => /^\/underpaint[\w-]*\.js(\.map)?$/.test(path));
  readonly #ideas: Ideas;
  readonly #embedding: string;

  constructor(routes: HttpRoutes) {
    this.#routes = routes;
    this.#ideas = new Ideas(routes.ideasDir);
    this.#embedding = ["'self'", ...routes.frameAncestors].join(' ');
  }

  answer(request: IncomingMessage, response: ServerResponse): void | Promise<void> {
    setSecurityHeaders(response);
    const target = readTarget(request);
    if (!target) return sendText(response, 400, 'the request target or the Host header is not an address');
    const { basePath } = this.#routes;
    if (`${target.path}/` === basePath) return redirect(response, basePath);
    if (!target.path.startsWith(basePath)) return sendText(response, 404, `everything is under ${basePath}`);
    return this.#answerAt(target.path.slice(basePath.length - 1), { request, response, target });
  }

  #answerAt(path: string, exchange: Exchange): void | Promise<void> {
    const { request, response, target } = exchange;
    if (this.#routes.hasInternalPort && INTERNAL.has(path)) {
      return sendText(response, 404, 'this is on the internal port');
    }
    // A health check may use any host name: these answers reveal nothing else.
    if (path === '/healthz') return this.#read(exchange, () => sendText(response, 200, 'ok'));
    if (path === '/readyz') return this.#read(exchange, () => this.#sendReady(response));
    if (!this.#routes.gate.isAllowedHost(target)) {
      return sendText(response, 403, 'this host is not allowed: the server needs --allowed-hosts with its name');
    }
    switch (path) {
      case '/api/rooms':
        return this.#answerRooms(exchange);
      case '/api/info':
        return this.#read(exchange, () => sendJson(response, 200, this.#routes.info()));
      case '/metrics':
        return this.#read(exchange, () => this.#sendMetrics(response));
      default:
        return this.#operate(path, exchange) ?? this.#read(exchange, () => this.#sendFile(path, request, response));
    }
  }

  #operate(path: string, { request, response }: Exchange): Promise<void> | undefined {
    return this.#routes.operate(request, path)?.then((answer) => sendAnswer(response, answer));
  }

  /** Answers GET and HEAD, and refuses other methods. */
  #read({ request, response }: Exchange, answer: () => void | Promise<void>): void | Promise<void> {
    if (request.method === 'GET' || request.method === 'HEAD') return answer();
    return refuseMethod(response, 'GET, HEAD');
  }

  #sendReady(response: ServerResponse): void {
    if (this.#routes.isReady()) sendText(response, 200, 'ready');
    else sendText(response, 503, 'not ready');
  }

  async #sendMetrics(response: ServerResponse): Promise<void> {
    const body = await this.#routes.metrics();
    send(response, { status: 200, type: this.#routes.metricsType, body });
  }

  async #sendFile(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#app.size === 0) return sendText(response, 404, 'the client is not built: npm run build');
    openToAllSites(response);
    if (path === '/ideas') return sendJson(response, 200, this.#ideas.list);
    const idea = /^\/ideas(\/.+)$/.exec(path)?.[1];
    if (idea !== undefined && this.#ideas.has(idea)) return this.#ideas.send(idea, request, response);
    if (this.#bundle.has(path)) return this.#bundle.send(path, request, response);
    const framePage = path === '/embed' ? this.#app.text(path) : undefined;
    const ancestors = framePage === undefined ? "'none'" : this.#embedding;
    setPagePolicy(response, ancestors);
    if (framePage !== undefined) return this.#sendFramePage(response, framePage);
    if (this.#app.has(path)) return this.#app.send(path, request, response);
    sendText(response, 404, 'there is nothing here');
  }

  /** The page for frames, which no other page may read: it has a pass. */
  #sendFramePage(response: ServerResponse, page: string): void {
    response.removeHeader('Access-Control-Allow-Origin');
    const body = page.replace(
      '<head>',
      `<head>\n    <meta name="underpaint-pass" content="${this.#routes.framePass()}" />`,
    );
    send(response, { status: 200, type: 'text/html; charset=utf-8', body });
  }

  // ── rooms ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  async #answerRooms({ request, response, target: { authority } }: Exchange): Promise<void> {
    const { origin } = request.headers;
    response.setHeader('Vary', 'Origin');
    if (request.method !== 'POST' && request.method !== 'OPTIONS') return refuseMethod(response, 'POST, OPTIONS');
    if (!this.#routes.gate.isAllowedOrigin({ authority, origin })) {
      return sendText(response, 403, 'this page may not make rooms: see --allowed-origins');
    }
    // A page of another origin that may create rooms may also read the answer, good or bad.
    if (origin !== undefined) response.setHeader('Access-Control-Allow-Origin', origin);
    if (request.method === 'OPTIONS') return sendPreflight(response);
    sendAnswer(response, await this.#routes.createRoom(request));
  }
}

/** Answers a preflight request of an allowed origin. */
function sendPreflight(response: ServerResponse): void {
  response.writeHead(204, {
    'Access-Control-Allow-Methods': 'POST',
    'Access-Control-Allow-Headers': 'Content-Type, Authorization',
    'Access-Control-Max-Age': PREFLIGHT_SECONDS,
  });
  response.end();
}

function refuseMethod(response: ServerResponse, allowed: string): void {
  response.setHeader('Allow', allowed);
  sendText(response, 405, `only ${allowed} can be used here`);
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(308, { Location: location });
  response.end();
}

function sendJson(response: ServerResponse, status: number, value: object): void {
  send(response, { status, type: 'application/json', body: JSON.stringify(value) });
}

function sendText(response: ServerResponse, status: number, body: string): void {
  send(response, { status, type: 'text/plain; charset=utf-8', body });
}

function send(response: ServerResponse, { status, type, body }: { status: number; type: string; body: string }): void {
  const length = Buffer.byteLength(body);
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': length, 'Cache-Control': 'no-store' });
  response.end(body);
}
