import type { IncomingMessage } from 'node:http';

/** The target of a request. */
export interface Target {
  /** Without the query; starts with a slash, or is `*`. */
  readonly path: string;
  /** Host and perhaps port, as the client wrote them; undefined if it named none. */
  readonly authority: string | undefined;
}

/** A host and perhaps a port, and nothing that would make it another part of a URL. */
const AUTHORITY = /^(\[[\da-f:.]+\]|[^\s/\\?#@:[\]]+)(:\d*)?$/i;

/**
 * Reads the target and the Host header of a request (RFC 9112, section 3.2).
 *
 * @returns undefined if they are not a valid address: answer 400
 */
export function readTarget(request: Pick<IncomingMessage, 'url' | 'headersDistinct'>): Target | undefined {
  const { url = '', headersDistinct } = request;
  const [host, another] = headersDistinct.host ?? [];
  // A proxy in front may have believed the other one.
  if (another !== undefined) return undefined;
  const authority = host === undefined || host === '' ? undefined : host;
  if (authority !== undefined && !isAuthority(authority)) return undefined;
  if (url === '*') return { path: url, authority };
  // Two slashes are ambiguous: some parsers read a host after them, others a path.
  if (url.startsWith('/')) {
    if (/^\/[/\\]/.test(url) || !URL.canParse(url, 'http://localhost')) return undefined;
    return { path: new URL(url, 'http://localhost').pathname, authority };
  }
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return undefined;
  // An absolute target overrides the Host header.
  const { pathname, host: named, username } = new URL(url);
  return username === '' && isAuthority(named) ? { path: pathname, authority: named } : undefined;
}

function isAuthority(text: string): boolean {
  return AUTHORITY.test(text) && URL.canParse(`http://${text}`);
}
