import { EnvHttpProxyAgent, fetch as undiciFetch } from 'undici';
import { UsageError } from '../../errors.js';

type Env = Readonly<Record<string, string | undefined>>;

/** The way of requests out of this machine. */
export interface Transport {
  readonly fetch: typeof fetch;
  /** The proxies in use, without passwords, for error messages. Empty without a proxy. */
  readonly proxies: string;
}

/**
 * A `fetch` that goes through the proxies named by HTTPS_PROXY and HTTP_PROXY, except to the hosts in NO_PROXY. Names in
 * lower case come first, as in curl. HTTP_PROXY serves https too where HTTPS_PROXY is not set.
 *
 * Node reads these variables by itself from version 22.21 only, and only when told to: hence a library.
 *
 * @throws UsageError when a proxy is not an address
 */
export function createTransport(env: Env): Transport {
  const httpProxy = readProxy('HTTP_PROXY', env);
  const httpsProxy = readProxy('HTTPS_PROXY', env);
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: httpProxy?.href ?? '',
    httpsProxy: httpsProxy?.href ?? '',
    noProxy: valueOf('NO_PROXY', env) ?? '',
    // Plain http is asked of the proxy itself, as curl does: many allow tunnels to port 443 only.
    proxyTunnel: false,
  });
  const proxied: typeof undiciFetch = (input, init) => undiciFetch(input, { ...init, dispatcher });
  return {
    // The same interface as the global one, from another copy of the same library.
    fetch: proxied as unknown as typeof fetch,
    proxies: [...new Set([httpsProxy, httpProxy])]
      .map((proxy) => proxy?.host)
      .filter(Boolean)
      .join(', '),
  };
}

function readProxy(name: string, env: Env): URL | undefined {
  const text = valueOf(name, env);
  if (text === undefined) return undefined;
  const address = text.includes('://') ? text : `http://${text}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw new UsageError(`${name} must be the address of an http proxy, such as http://proxy.example:3128`);
}

function valueOf(name: string, env: Env): string | undefined {
  return env[name.toLowerCase()]?.trim() || env[name]?.trim() || undefined;
}
