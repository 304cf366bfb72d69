import type { ParamsPatch, WelcomeMessage } from '@underpaint/shared';
import type { TokenProvider } from './handshake.js';
import type { StreamLink } from './stream-link.js';

export type StreamState =
  | { readonly status: 'idle' }
  | { readonly status: 'connecting' }
  /** The server is full; `position` is the place in line, from 1. */
  | { readonly status: 'waiting'; readonly position: number }
  | { readonly status: 'live'; readonly welcome: WelcomeMessage }
  /** `retryAt` is a `Date.now()` time. */
  | { readonly status: 'reconnecting'; readonly attempt: number; readonly retryAt: number }
  | { readonly status: 'offline' }
  /** It does not reconnect by itself. `code` is the close code; 0 if the address is not valid, 1 if the browser blocks the local network. */
  | { readonly status: 'ended'; readonly code: number; readonly reason: string };

export interface StreamClientOptions {
  /** Address of the service, such as `https://example.org/` or `wss://example.org/ws`. A page may use a relative one. */
  readonly url: string | URL;
  readonly params?: ParamsPatch;
  /** Called before every connection, and before the time of a token is over. The result is sent as `token`; if the provider fails, it is called again later. */
  readonly tokenProvider?: TokenProvider;
  /** The name of the program, for the server's log. */
  readonly program?: string;
  /** Whose picture the stream paints; one person's by default. */
  readonly link?: StreamLink;
}
