import type { IncomingMessage } from 'node:http';
import { parse } from 'forwarded-parse';
import proxyAddr from 'proxy-addr';
import { UsageError } from '../errors.js';

export interface ProxiesOptions {
  /** Addresses and networks of the proxies in front. */
  readonly trustedProxies: readonly string[];
  /** The header in which they name the client. */
  readonly proxyHeader: 'x-forwarded-for' | 'forwarded';
}

/** Reads the address of the client that sent a request. */
export type AddressOf = (request: IncomingMessage) => string;

/**
 * Without trusted proxies, it is the other end of the connection, because anybody can write a header. With them, it is the last
 * address in the header that is not a proxy's.
 *
 * @throws UsageError if a proxy is not an address or a network
 */
export function clientAddresses({ trustedProxies, proxyHeader }: ProxiesOptions): AddressOf {
  if (trustedProxies.length === 0) return ({ socket }) => socket.remoteAddress ?? '';
  const isTrusted = compile(trustedProxies);
  if (proxyHeader === 'x-forwarded-for') return (request) => proxyAddr(request, isTrusted);
  return ({ socket, headers }) => {
    const named = forwardedFor(headers.forwarded ?? '').join(', ');
    // The same walk from the nearest proxy to the client, over the addresses of the other header.
    return proxyAddr({ socket, headers: { 'x-forwarded-for': named } } as unknown as IncomingMessage, isTrusted);
  };
}

function compile(proxies: readonly string[]): (address: string, hops: number) => boolean {
  try {
    return proxyAddr.compile([...proxies]);
  } catch (error) {
    const hint = 'must be addresses and networks such as 10.0.0.0/8, or loopback';
    throw new UsageError(`--trusted-proxies ${hint}: ${(error as Error).message}`, { cause: error });
  }
}

/** The addresses in a Forwarded header (RFC 7239), the client first; none if it cannot be read. */
function forwardedFor(header: string): string[] {
  try {
    return parse(header).flatMap((hop) => (hop['for'] === undefined ? [] : withoutPort(hop['for'])));
  } catch {
    return [];
  }
}

/** Of `192.0.2.1:80`, `[2001:db8::1]:80`, and names that hide an address. */
function withoutPort(node: string): string {
  return /^\[([^\]]+)\]/.exec(node)?.[1] ?? /^([\d.]+)(:\d+)?$/.exec(node)?.[1] ?? node;
}
