import type { FromWorker, ToWorker } from '../messages.js';

/**
 * One end of the connection between a gateway and a worker. It carries the same plain messages whatever is below it: the
 * pipe to a child process, or a broker.
 *
 * Every link keeps these rules, which test/contract/link.ts checks:
 *
 * 1. Messages arrive in order and with their bytes intact. A message is copied when it is sent.
 * 2. Messages sent before a normal close arrive before the end.
 * 3. The end is reported once, at both ends, whoever closed.
 * 4. After its end, or its own `close`, an end receives nothing, and sending does nothing.
 * 5. The queue of unsent messages is bounded. When the other end stops reading, the link ends.
 */
export interface Link<Out, In> {
  /** Messages that are sent but still wait in this process. */
  readonly queued: number;
  send(message: Out): void;
  /** Sets the listener. Messages that arrived before are delivered at once. */
  onMessage(listener: (message: In) => void): void;
  /** Sets the listener. It is called even if the link has ended before. */
  onEnd(listener: (end: LinkEnd) => void): void;
  /** A worker first sends its queue, then ends the link. A gateway ends its worker at once. */
  close(): void;
}

export interface LinkEnd {
  /** Exit code or signal of the worker, or the error that prevented its start. */
  readonly how: string;
  /** The last lines that the worker printed, if the link carries them. */
  readonly output: string;
}

/** The link as the gateway sees it. */
export interface GatewayLink extends Link<ToWorker, FromWorker> {
  /** Of the worker, where it is a process of this machine. */
  readonly pid: number | undefined;
}

/** The link as the worker sees it. */
export type WorkerLink = Link<FromWorker, ToWorker>;

/** Starts a worker and connects to it. A failure to start is reported by `onEnd`. */
export type OpenLink = () => GatewayLink;

/** Far more than the frames that a worker has capacity for; a queue this long means that the other end hangs. */
export const MAX_QUEUED = 1_000;

export const NOT_READING = 'it stopped reading its messages';
