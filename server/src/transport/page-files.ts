import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

type Encoding = 'br' | 'gzip';

/** A file in memory, ready to be sent. */
interface PageFile {
  readonly body: Buffer;
  readonly type: string;
  readonly cacheControl: string;
  /** Hash of the contents. */
  readonly hash: string;
  /** Created on the first request for each. */
  readonly compressed: Map<Encoding, Promise<Buffer>>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.underpaint': 'application/vnd.underpaint+json',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
};
const UNKNOWN_TYPE = 'application/octet-stream';
/** Smaller files do not compress. */
const MIN_COMPRESSED_BYTES = 1_024;
/** 9 ms for the page's script; 11 takes twenty times as long for 7 % less. */
const BROTLI_QUALITY = 7;
const compressors: Readonly<Record<Encoding, (body: Buffer) => Promise<Buffer>>> = {
  br: (body) =>
    promisify(brotliCompress)(body, {
      params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: body.length },
    }),
  gzip: promisify(gzip),
};
/** The build puts a hash of the contents into these names. */
const HASHED_NAME = /^\/assets\/.+-[\w-]{8}\.\w+$/;

/** The files of a folder, held in memory: a request opens no file, and a slow client keeps none open. */
export class PageFiles {
  readonly #files = new Map<string, PageFile>();

  /**
   * Reads a folder and its subfolders; a folder that does not exist counts as empty.
   *
   * @param isServed decides by the path from the folder, with a slash in front
   */
  constructor(dir: string, isServed: (path: string) => boolean = () => true) {
    if (!existsSync(dir)) return;
    for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name);
      const path = file.slice(dir.length).split(sep).join('/');
      if (entry.isFile() && isServed(path)) this.#files.set(path, read(file, path));
    }
  }

  get size(): number {
    return this.#files.size;
  }

  /** The paths of all files, from the folder, with a slash in front. */
  get paths(): readonly string[] {
    return [...this.#files.keys()];
  }

  /** Whether there is a file at `path`; `/` is index.html, and `/embed` embed.html. */
  has(path: string): boolean {
    return this.#find(path) !== undefined;
  }

  /** The file at `path` as text; undefined if there is none. */
  text(path: string): string | undefined {
    return this.#find(path)?.body.toString();
  }

  /** Answers with the file at `path`, which must be there. */
  async send(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const file = this.#find(path);
    if (!file) throw new Error(`there is no file at ${path}`);
    const encoding = isCompressible(file) ? chooseEncoding(request.headers['accept-encoding']) : undefined;
    const etag = `"${file.hash}${encoding === undefined ? '' : `-${encoding}`}"`;
    // No ranges: the largest file is smaller than a few pictures.
    const headers = {
      ETag: etag,
      'Cache-Control': file.cacheControl,
      Vary: 'Accept-Encoding',
      'Accept-Ranges': 'none',
    };
    if (isKnown(etag, request.headers['if-none-match'])) {
      response.writeHead(304, headers).end();
      return;
    }
    const body = encoding === undefined ? file.body : await compress(file, encoding);
    const encoded = encoding === undefined ? {} : { 'Content-Encoding': encoding };
    response.writeHead(200, { ...headers, ...encoded, 'Content-Type': file.type, 'Content-Length': body.length });
    response.end(body);
  }

  #find(path: string): PageFile | undefined {
    return this.#files.get(path === '/' ? '/index.html' : path) ?? this.#files.get(`${path}.html`);
  }
}

function read(file: string, path: string): PageFile {
  const body = readFileSync(file);
  return {
    body,
    type: TYPES[extname(path)] ?? UNKNOWN_TYPE,
    cacheControl: HASHED_NAME.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
    hash: createHash('sha256').update(body).digest('base64url').slice(0, 22),
    compressed: new Map(),
  };
}

function isCompressible({ type, body }: PageFile): boolean {
  return type !== UNKNOWN_TYPE && type !== TYPES['.webp'] && body.length >= MIN_COMPRESSED_BYTES;
}

function compress({ body, compressed }: PageFile, encoding: Encoding): Promise<Buffer> {
  const known = compressed.get(encoding);
  if (known) return known;
  const made = compressors[encoding](body);
  compressed.set(encoding, made);
  // After a failure, for want of memory, the next request tries again.
  made.catch(() => compressed.delete(encoding));
  return made;
}

/** The encoding that the client prefers of those we have; undefined for none (RFC 9110, section 12.5.3). */
function chooseEncoding(accepted = ''): Encoding | undefined {
  const weights = new Map<string, number>();
  for (const part of accepted.split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    weights.set(name, q === undefined ? 1 : Number(q.slice(2)) || 0);
  }
  const weightOf = (encoding: Encoding) => weights.get(encoding) ?? weights.get('*') ?? 0;
  const [br, gz] = [weightOf('br'), weightOf('gzip')];
  if (Math.max(br, gz) === 0) return undefined;
  return br >= gz ? 'br' : 'gzip';
}

function isKnown(etag: string, ifNoneMatch: string | undefined): boolean {
  const tags = ifNoneMatch?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags !== undefined && (tags.includes('*') || tags.includes(etag));
}
