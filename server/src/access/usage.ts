import type { Account, OpenAccount, Place, Rate } from './account.js';
import type { Ceiling, Ceilings } from './ceilings.js';
import type { Grant } from './grant.js';

/** A limit was reached. */
export interface Excess {
  /** Whose limit. */
  readonly of: 'address' | 'subject' | 'server';
  readonly what: Rate | Place | Ceiling;
  readonly retryAfterMs: number;
}

interface UsageOptions {
  readonly openSubject: (subject: string) => OpenAccount;
  readonly ceilings: Ceilings;
}

/** A place may be free again after this time. */
const RETRY_PLACE_MS = 15_000;
/** A client that sends too much is kept out for at least this long, so that it does not return at once. */
const MIN_RETRY_MS = 1_000;

/** What one connection uses of the limits of its address and, once it is known, its subject. */
export class Usage {
  readonly #address: OpenAccount;
  readonly #openSubject: (subject: string) => OpenAccount;
  readonly #ceilings: Ceilings;
  #subject: OpenAccount | undefined;
  #isInSession = false;

  constructor(address: OpenAccount, { openSubject, ceilings }: UsageOptions) {
    this.#address = address;
    this.#ceilings = ceilings;
    this.#openSubject = openSubject;
    address.account.enter('connections');
  }

  /** Counts a message of so many bytes. @returns the limit that it exceeds */
  receive(bytes: number): Excess | undefined {
    return this.#take('messages', 1) ?? this.#take('bytes', bytes);
  }

  receiveFrame(): Excess | undefined {
    return this.#take('frames', 1);
  }

  /** Counts a session. @returns the limit that it exceeds */
  enter({ subject, sessions }: Grant): Excess | undefined {
    const { reached } = this.#ceilings;
    if (reached) return { of: 'server', what: reached, retryAfterMs: RETRY_PLACE_MS };
    const opened = subject === undefined ? undefined : this.#openSubject(subject);
    if (!this.#address.account.hasPlace('sessions')) return this.#noSession('address', opened);
    if (opened && !opened.account.hasPlace('sessions', sessions)) return this.#noSession('subject', opened);
    this.#subject = opened;
    this.#isInSession = true;
    for (const account of this.#accounts()) account.enter('sessions');
    return undefined;
  }

  #noSession(of: Excess['of'], opened: OpenAccount | undefined): Excess {
    opened?.close();
    return { of, what: 'sessions', retryAfterMs: RETRY_PLACE_MS };
  }

  /** The session is over. */
  leave(): void {
    if (!this.#isInSession) return;
    this.#isInSession = false;
    for (const account of this.#accounts()) account.leave('sessions');
    this.#subject?.close();
  }

  /** The connection is closed. */
  close(): void {
    this.leave();
    this.#address.account.leave('connections');
    this.#address.close();
  }

  #take(rate: Rate, amount: number): Excess | undefined {
    for (const of of ['address', 'subject'] as const) {
      const waitMs = (of === 'address' ? this.#address : this.#subject)?.account.take(rate, amount) ?? 0;
      if (waitMs > 0) return { of, what: rate, retryAfterMs: Math.ceil(Math.max(MIN_RETRY_MS, waitMs)) };
    }
    return undefined;
  }

  #accounts(): Account[] {
    return this.#subject ? [this.#address.account, this.#subject.account] : [this.#address.account];
  }
}

/** The limit in words, for the client. */
export function inWords({ of, what }: Excess): string {
  if (of === 'server') return 'the server has as much to do as it may';
  const whose = of === 'address' ? 'from this address' : 'with tokens of this name';
  switch (what) {
    case 'connections':
    case 'sessions':
      return `there are too many ${what} ${whose}`;
    case 'bytes':
    case 'messages':
    case 'frames':
    default:
      return `more ${what} a second came ${whose} than may`;
  }
}
