import type { IncomingMessage } from 'node:http';

/** What a request asks for. */
export interface Target {
  /** Without the query; starts with a slash, or is `*`. */
  readonly path: string;
  /** Host and perhaps port, as the client wrote them; undefined when it named none. */
  readonly authority: string | undefined;
}

/** A host and perhaps a port, and nothing that would make it another part of a URL. */
const AUTHORITY = /^(\[[\da-f:.]+\]|[^\s/\\?#@:[\]]+)(:\d*)?$/i;

/**
 * Reads the target and the Host header of a request (RFC 9112, section 3.2).
 *
 * @returns undefined when they are not an address: answer 400
 */
export function readTarget({ url = '', headers }: Pick<IncomingMessage, 'url' | 'headers'>): Target | undefined {
  const { host } = headers;
  const authority = host === undefined || host === '' ? undefined : host;
  if (authority !== undefined && !isAuthority(authority)) return undefined;
  if (url === '*') return { path: url, authority };
  // Two slashes would begin a host: some readers take it for one and others for a path.
  if (url.startsWith('/')) {
    if (/^\/[/\\]/.test(url) || !URL.canParse(url, 'http://localhost')) return undefined;
    return { path: new URL(url, 'http://localhost').pathname, authority };
  }
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return undefined;
  // The address of a request to a proxy counts more than its Host header.
  const { pathname, host: named, username } = new URL(url);
  return username === '' && isAuthority(named) ? { path: pathname, authority: named } : undefined;
}

function isAuthority(text: string): boolean {
  return AUTHORITY.test(text) && URL.canParse(`http://${text}`);
}
