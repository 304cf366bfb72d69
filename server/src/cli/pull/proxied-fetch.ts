import { EnvHttpProxyAgent, fetch as undiciFetch } from 'undici';
import { UsageError } from '../../errors.js';

/** The way of requests out of this machine. */
export interface Transport {
  readonly fetch: typeof fetch;
  /** The proxies in use, without passwords, for error messages; empty for none. */
  readonly proxies: string;
}

/**
 * A `fetch` through the proxies in HTTPS_PROXY and HTTP_PROXY, except to the hosts in NO_PROXY. Lower-case names take
 * precedence, as in curl. HTTP_PROXY also serves https if HTTPS_PROXY is not set.
 *
 * Node itself reads these variables only from version 22.21 on, and only with a flag; hence a library.
 *
 * @throws UsageError when a proxy is not an address
 */
export function createTransport(env: Readonly<NodeJS.ProcessEnv>): Transport {
  const httpProxy = readProxy('HTTP_PROXY', env);
  const httpsProxy = readProxy('HTTPS_PROXY', env);
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: httpProxy?.href ?? '',
    httpsProxy: httpsProxy?.href ?? '',
    noProxy: valueOf('NO_PROXY', env) ?? '',
    // Plain http goes to the proxy without a tunnel, as in curl: many proxies allow tunnels to port 443 only.
    proxyTunnel: false,
  });
  const proxied: typeof undiciFetch = (input, init) => undiciFetch(input, { ...init, dispatcher });
  return {
    // The same interface as the global `fetch`, from another copy of the same library.
    fetch: proxied as unknown as typeof fetch,
    proxies: [...new Set([httpsProxy, httpProxy])]
      .map((proxy) => proxy?.host)
      .filter(Boolean)
      .join(', '),
  };
}

function readProxy(name: string, env: Readonly<NodeJS.ProcessEnv>): URL | undefined {
  const text = valueOf(name, env);
  if (text === undefined) return undefined;
  const address = text.includes('://') ? text : `http://${text}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw new UsageError(`${name} must be the address of an http proxy, such as http://proxy.example:3128`);
}

function valueOf(name: string, env: Readonly<NodeJS.ProcessEnv>): string | undefined {
  return env[name.toLowerCase()]?.trim() || env[name]?.trim() || undefined;
}
