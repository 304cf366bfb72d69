/**
 * A connection, independent of its transport: whole messages both ways, and counts of the bytes on the line. `transport/ws`
 * implements it. The suite in test/contract/peer.ts holds the rules for every transport.
 */
export interface Peer {
  /** IP address of the other side; empty if there is none. */
  readonly address: string;
  /** When the client said hello, by the wall clock, if another server was told so. */
  readonly helloAtMs?: number | undefined;
  /** Bytes that came, those of unfinished messages included. */
  readonly receivedBytes: number;
  /** Of these, the bytes of a message that is not complete yet. */
  readonly partialBytes: number;
  /** Bytes that left this process. */
  readonly sentBytes: number;
  /** Bytes given to `send` that are still in this process. */
  readonly waitingBytes: number;
  /** Starts to report events to `listener`. Call it once, in the same turn of the event loop as the peer was received. */
  listen(listener: PeerListener): void;
  /** @param onSent called when the bytes have left this process, or never will; not called within `send` */
  send(bytes: Uint8Array, onSent?: () => void): void;
  /** Makes the other side send something, at any time, so that it shows up in `receivedBytes`. */
  ping(): void;
  /** Says goodbye. `handleClose` follows when the other side has answered; nothing is received until then. */
  close(code: number, reason: string): void;
  /** Ends the connection at once. */
  terminate(): void;
}

/** The events of a peer. None is reported from within a call to the peer. */
export interface PeerListener {
  handleMessage(data: Uint8Array, isBinary: boolean): void;
  /** Something is wrong with the line; `handleClose` follows. */
  handleError(error: Error): void;
  /** The connection is gone. Reported once, and last. */
  handleClose(): void;
}
