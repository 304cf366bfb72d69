import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

const LARGE = 10_000;
const PAGE = 3;

/** The faults and restrictions of the hub. All of them may change between requests. */
export interface Manners {
  /** The only valid token; others get a 401. */
  token?: string;
  /** Nobody gets access, with or without a token. */
  gated?: boolean;
  /** The first so many answers are 429, with this Retry-After. */
  busy?: { times: number; retryAfter: string };
  /** The first so many answers are 503. */
  broken?: number;
  /** Answers with a large file break off after so many bytes, so often. */
  truncate?: { after: number; times: number };
  /** One byte of each large file is wrong. */
  corrupt?: boolean;
  /** The store ignores ranges: every answer is the whole file. */
  wholeOnly?: boolean;
}

export interface Request {
  readonly host: 'hub' | 'store';
  readonly url: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

/**
 * The hub's API for one repository, on two ports: the hub lists files and gives small ones, large ones are a redirect to
 * the store, as to a bucket on another host.
 */
export class FakeHub {
  readonly requests: Request[] = [];
  manners: Manners = {};
  commit = 'c0ffee'.padEnd(40, '0');
  readonly files: Map<string, Buffer>;
  readonly #scheme: string;
  readonly #hub: Server;
  readonly #store: Server;

  /** @param tls makes both servers speak https */
  constructor(files: Readonly<Record<string, Buffer | string>>, tls?: { readonly cert: Buffer; readonly key: Buffer }) {
    this.files = new Map(Object.entries(files).map(([path, bytes]) => [path, Buffer.from(bytes)]));
    const create = (listener: RequestListener) => (tls ? createTlsServer(tls, listener) : createServer(listener));
    this.#scheme = tls ? 'https' : 'http';
    this.#hub = create((request, response) => this.#note('hub', request) && this.#answer(request, response));
    this.#store = create((request, response) => this.#note('store', request) && this.#store_(request, response));
  }

  async start(): Promise<this> {
    for (const server of [this.#hub, this.#store]) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    }
    return this;
  }

  async stop(): Promise<void> {
    for (const server of [this.#hub, this.#store]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  /** Host and port of both. */
  get hosts(): string[] {
    return [this.#hub, this.#store].map((server) => new URL(this.#origin(server)).host);
  }

  get url(): string {
    return this.#origin(this.#hub);
  }

  #origin(server: Server): string {
    return `${this.#scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  #note(host: Request['host'], { url = '', headers }: IncomingMessage): true {
    this.requests.push({ host, url, range: headers.range, authorization: headers.authorization });
    return true;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { manners } = this;
    const refuse = (status: number, headers = {}) => response.writeHead(status, headers).end('{"error":"no"}');
    if (manners.busy && manners.busy.times-- > 0) return void refuse(429, { 'retry-after': manners.busy.retryAfter });
    if (manners.broken && manners.broken-- > 0) return void refuse(503);
    const given = request.headers.authorization;
    if (manners.token !== undefined && given !== `Bearer ${manners.token}`) return void refuse(401);
    if (manners.gated) return void refuse(403);
    const url = new URL(request.url!, this.url);
    const [, api, revision] = /^\/api\/models\/tiny\/model\/(revision|tree)\/([^/]+)$/.exec(url.pathname) ?? [];
    if (api === 'revision' && ['main', 'v1', this.commit].includes(revision!)) {
      const info = { _id: '1', id: 'tiny/model', sha: this.commit, lastModified: '2024-01-01T00:00:00Z' };
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(info));
    }
    if (api === 'tree' && revision === this.commit) return this.#list(url, response);
    const [, file] = new RegExp(`^/tiny/model/resolve/${this.commit}/(.+)$`).exec(url.pathname) ?? [];
    const bytes = file === undefined ? undefined : this.files.get(decodeURIComponent(file));
    if (!bytes) return void refuse(404);
    if (bytes.length < LARGE) return this.#send(bytes, request, response);
    response.writeHead(302, { location: `${this.#origin(this.#store)}/${file}` }).end();
  }

  #list(url: URL, response: ServerResponse): void {
    const entries = [...this.files].map(([path, bytes]) => describe(path, bytes));
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const next = `${this.url}${url.pathname}?recursive=true&cursor=${from + PAGE}`;
    const link = from + PAGE < entries.length ? { link: `<${next}>; rel="next"` } : {};
    const page = [{ type: 'directory', path: 'unet', size: 0, oid: '' }, ...entries.slice(from, from + PAGE)];
    response.writeHead(200, { 'content-type': 'application/json', ...link }).end(JSON.stringify(page));
  }

  #store_(request: IncomingMessage, response: ServerResponse): void {
    const bytes = Buffer.from(this.files.get(decodeURIComponent(request.url!.slice(1)))!);
    if (this.manners.corrupt) bytes[bytes.length >> 1]! ^= 1;
    this.#send(bytes, request, response);
  }

  #send(bytes: Buffer, { headers }: IncomingMessage, response: ServerResponse): void {
    const asked = this.manners.wholeOnly ? undefined : /^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1];
    const from = Number(asked ?? 0);
    const rest = bytes.subarray(from);
    const range = { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
    response.writeHead(asked === undefined ? 200 : 206, { 'content-length': rest.length, ...(asked && range) });
    const { truncate } = this.manners;
    if (!truncate || truncate.times <= 0 || bytes.length < LARGE) return void response.end(rest);
    truncate.times--;
    // Bytes in transit are lost when the line breaks, so the break waits until they are sent.
    response.write(rest.subarray(0, truncate.after), () => setTimeout(() => response.destroy(), 20));
  }
}

function describe(path: string, bytes: Buffer): object {
  const oid = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  const lfs = { oid: createHash('sha256').update(bytes).digest('hex'), size: bytes.length, pointerSize: 130 };
  return { type: 'file', path, size: bytes.length, oid, ...(bytes.length >= LARGE && { lfs }) };
}
