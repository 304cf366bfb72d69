import { isIP } from 'node:net';
import type { Logger } from '../logger.js';
import { logBudget, type TokenBucket } from '../token-bucket.js';

export interface GateOptions {
  /** Host names of this server; `*.example.org` allows all names below that one, `*` any. */
  readonly allowedHosts: readonly string[];
  /** Origins of pages that may connect; `*` means any. */
  readonly allowedOrigins: readonly string[];
  /** The address to listen on. */
  readonly host: string;
  readonly isTls: boolean;
  /** Whether a pass is one of this server's own, from a page for frames. */
  readonly isPass: (pass: string) => boolean;
  readonly log: Pick<Logger, 'warn'>;
  readonly now: () => number;
}

/** The source of a request: the host it names, and the origin of the page, if a page sent it. */
export interface Visitor {
  readonly authority: string | undefined;
  readonly origin: string | undefined;
  /** From the page for frames: a page in a sandbox has no origin that would tell it from others. */
  readonly pass?: string | undefined;
}

const MAX_LOGGED_CHARACTERS = 200;

/**
 * Decides which pages may use the server. A browser sends the origin of the page and the host it believes to talk to.
 * A foreign page must not use a server that only its visitor can reach: neither under its own origin, nor with a name of
 * its own that points to this server (DNS rebinding), in which case origin and host agree.
 */
export class Gate {
  readonly #options: GateOptions;
  readonly #names: readonly string[];
  readonly #logs: Readonly<Record<'host' | 'origin', TokenBucket>>;

  constructor(options: GateOptions) {
    const { host, allowedHosts, allowedOrigins, now } = options;
    this.#options = options;
    this.#logs = { host: logBudget(now), origin: logBudget(now) };
    this.#names = [...allowedHosts, ...allowedOrigins.map(hostnameOfOrigin), host.toLowerCase()];
  }

  /** Whether the host is allowed: an IP address, localhost, or an allowed name. */
  isAllowedHost({ authority }: Pick<Visitor, 'authority'>): boolean {
    // Every browser sends a host.
    if (authority === undefined) return true;
    const name = hostnameOf(authority);
    if (isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost') || isNamed(name, this.#names)) {
      return true;
    }
    this.#log(
      'host',
      { host: authority },
      `refused a request to this host; if it is yours, set --allowed-hosts ${name}`,
    );
    return false;
  }

  /** Whether the page may connect and create rooms: our own page, an allowed origin, or no page at all. */
  isAllowedOrigin(visitor: Visitor): boolean {
    return this.refusalOfOrigin(visitor) === undefined;
  }

  /** Why a page may not connect, with what to set; undefined if it may. */
  refusalOfOrigin(visitor: Visitor): string | undefined {
    const { authority, origin, pass } = visitor;
    const { allowedOrigins, isPass } = this.#options;
    if (origin === undefined || allowedOrigins.includes('*') || this.#isOwn(visitor)) return undefined;
    if (origin === 'null' && pass !== undefined && isPass(pass)) return undefined;
    const page = URL.canParse(origin) ? new URL(origin) : undefined;
    if (page && allowedOrigins.includes(page.origin)) return undefined;
    // Another port of the same host is another server, as in development.
    const isOwnName = page?.protocol === 'https:' && page.host === new URL(`https://${authority}`).host;
    const cure = isOwnName
      ? `behind a proxy that ends TLS set --allowed-hosts ${page.hostname}`
      : `to let it in set --allowed-origins ${page?.origin ?? '*'}`;
    this.#log('origin', { origin, host: authority }, `refused a page of another origin; ${cure}`);
    return cure;
  }

  /**
   * Whether page and server have the same origin. Under an allowed name the page may have come through a proxy that
   * speaks https to it and plain http to us, so any scheme of the page counts as ours.
   */
  #isOwn({ authority, origin }: Visitor): boolean {
    if (origin === undefined || authority === undefined || !URL.canParse(origin)) return false;
    const page = new URL(origin);
    const { isTls, allowedHosts } = this.#options;
    const isEitherScheme = isNamed(hostnameOf(authority), allowedHosts) && /^https?:$/.test(page.protocol);
    const own = isEitherScheme ? page.protocol : isTls ? 'https:' : 'http:';
    return page.origin === new URL(`${own}//${authority}`).origin;
  }

  /** Once a minute at most for each kind: a stranger must not fill the log. */
  #log(kind: 'host' | 'origin', named: Partial<Record<string, string | undefined>>, message: string): void {
    if (!this.#logs[kind].take(1)) return;
    const entries = Object.entries(named).map(([key, text]) => [key, text?.slice(0, MAX_LOGGED_CHARACTERS)]);
    this.#options.log.warn(Object.fromEntries(entries), message.slice(0, 2 * MAX_LOGGED_CHARACTERS));
  }
}

/** The name in lower case, without port, brackets and final dot. */
function hostnameOf(authority: string): string {
  return new URL(`http://${authority}`).hostname.replace(/^\[|\]$|\.$/g, '');
}

function hostnameOfOrigin(origin: string): string {
  return origin === '*' ? origin : new URL(origin).hostname;
}

function isNamed(name: string, names: readonly string[]): boolean {
  return names.some((one) => one === '*' || one === name || (one.startsWith('*.') && name.endsWith(one.slice(1))));
}
