import type { ClientMessage, HelloMessage } from '@underpaint/shared';
import type { Grant } from '../access/grant.js';
import type { Participant, Visitor } from './participant.js';
import type { SessionMemory } from './registry.js';
import type { Term } from './term.js';

/** A live session, for those who operate the server. */
export interface SessionFacts extends Readonly<Record<string, unknown>> {
  readonly session: string;
  readonly subject: string | undefined;
  readonly address: string;
  /** The id of its room. */
  readonly room: string | undefined;
}

/** Everything a client says except acknowledgements, which concern its channel. */
export type SessionMessage = Exclude<ClientMessage, { readonly type: 'ack' }>;

interface BeforeWelcome {
  readonly hello: HelloMessage;
  /** Messages that a client sent without waiting for its welcome. */
  readonly early: SessionMessage[];
}

/** Asking whether the client may use the server. */
export interface Asking extends BeforeWelcome {
  readonly is: 'asking';
}

/** In line for a place. */
interface Waiting extends BeforeWelcome {
  readonly is: 'waiting';
  readonly grant: Grant;
}

/** It has a place; its room is being loaded. */
export interface Entering extends BeforeWelcome {
  readonly is: 'entering';
  readonly grant: Grant;
}

export interface Live {
  readonly is: 'live';
  readonly memory: SessionMemory;
  readonly participant: Participant;
  readonly term: Term;
  readonly enteredMs: number;
}

export type SessionState =
  { readonly is: 'awaiting-hello' } | Asking | Waiting | Entering | Live | { readonly is: 'closed' };

/** What the audit log and an operator see of a live session. */
export function factsOf({ memory, participant, term }: Live, { address }: Visitor): SessionFacts {
  return { session: memory.session, subject: term.grant.subject, address, room: participant.roomId };
}
