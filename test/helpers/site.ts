import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
};
const DOCUMENTED_SERVER = 'http://127.0.0.1:8080';

export interface SiteOptions {
  /** The Content-Security-Policy that every page carries. */
  readonly policy?: () => string;
  /** The address of the server that the examples expect at the documented address. */
  readonly server: () => string;
}

export interface Site {
  readonly origin: string;
  close(): void;
}

/** Somebody else's web site on a port of its own: a folder of files. */
export async function startSite(folder: string, options: SiteOptions): Promise<Site> {
  const site = createServer((request, response) => {
    const path = join(folder, normalize(new URL(request.url ?? '/', 'http://localhost').pathname));
    if (path.endsWith('favicon.ico')) return void response.writeHead(204).end();
    if (!existsSync(path) || !statSync(path).isFile()) return void response.writeHead(404).end();
    const type = TYPES[extname(path)];
    response.setHeader('Content-Type', type ?? 'application/octet-stream');
    if (options.policy) response.setHeader('Content-Security-Policy', options.policy());
    if (type === undefined) return void createReadStream(path).pipe(response);
    const server = options.server().replace(/\/$/, '');
    response.end(readFileSync(path, 'utf8').replaceAll(DOCUMENTED_SERVER, server));
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(site.address() as AddressInfo).port}`,
    close: () => {
      site.close();
      site.closeAllConnections();
    },
  };
}
