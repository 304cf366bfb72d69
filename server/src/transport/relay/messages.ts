import type { Link } from '../../inference/link/link.js';

/** What the gateway with the client tells the one with the room first. */
export interface ClientFacts {
  readonly address: string;
  /** When the client sent its token, by the wall clock. */
  readonly helloAtMs: number;
}

/** From the gateway that has the client to the one that has its room. */
export type ToOwner =
  | { readonly type: 'message'; readonly data: Uint8Array; readonly isBinary: boolean }
  /** The oldest message that is not confirmed yet has left for the client. */
  | { readonly type: 'sent' }
  /** Bytes that came from the client so far, and of these those of a message that is not complete; a sign of life. */
  | { readonly type: 'heard'; readonly bytes: number; readonly partialBytes: number };

export type FromOwner =
  | { readonly type: 'send'; readonly data: Uint8Array }
  | { readonly type: 'ping' }
  | { readonly type: 'close'; readonly code: number; readonly reason: string }
  | { readonly type: 'terminate' };

/** The link of one client, as each of the two gateways sees it. */
export type ClientLink = Link<ToOwner, FromOwner>;
export type OwnerLink = Link<FromOwner, ToOwner>;
