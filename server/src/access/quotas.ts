import { LRUCache } from 'lru-cache';
import { Account, type OpenAccount, type Quota } from './account.js';
import { addressBlock } from './address-block.js';
import { Ceilings } from './ceilings.js';
import { Usage } from './usage.js';

export interface QuotasOptions {
  readonly perAddress: Quota;
  readonly perSubject: Quota;
  readonly ceilings: Ceilings;
  /** Clock in ms. */
  readonly now: () => number;
}

/** The limits as they are configured. */
interface Limits {
  readonly maxPerAddress: Quota;
  readonly maxPerSubject: Quota;
  readonly maxEgressMbps: number;
  readonly maxMemoryMb: number;
}

const BYTES_PER_MEGABIT = 125_000;
const BYTES_PER_MEGABYTE = 1024 * 1024;

/** @param now clock in ms */
export function quotasOf(
  { maxPerAddress, maxPerSubject, maxEgressMbps, maxMemoryMb }: Limits,
  now: () => number,
): Quotas {
  const ceilings = new Ceilings({
    bytesPerSecond: maxEgressMbps * BYTES_PER_MEGABIT,
    memoryBytes: maxMemoryMb * BYTES_PER_MEGABYTE,
    memoryUsed: () => process.memoryUsage.rss(),
    now,
  });
  return new Quotas({ perAddress: maxPerAddress, perSubject: maxPerSubject, ceilings, now });
}

/** Unused accounts are kept for a while, so that reconnecting does not refill a rate. */
const KEPT_MS = 60_000;
const MAX_KEPT = 10_000;

/** The accounts of all addresses and all subjects. */
export class Quotas {
  readonly ceilings: Ceilings;
  readonly #addresses: Accounts;
  readonly #subjects: Accounts;

  constructor({ perAddress, perSubject, ceilings, now }: QuotasOptions) {
    this.ceilings = ceilings;
    this.#addresses = new Accounts(perAddress, now);
    this.#subjects = new Accounts(perSubject, now);
  }

  /** Whether an address may open one more connection. */
  mayConnect(address: string): boolean {
    return this.#addresses.peek(addressBlock(address))?.hasPlace('connections') ?? true;
  }

  /** Counts a new connection. */
  connect(address: string): Usage {
    const openSubject = (subject: string) => this.#subjects.open(subject);
    return new Usage(this.#addresses.open(addressBlock(address)), { openSubject, ceilings: this.ceilings });
  }
}

class Accounts {
  readonly #quota: Quota;
  readonly #now: () => number;
  readonly #used = new Map<string, Account>();
  readonly #kept = new LRUCache<string, Account>({ max: MAX_KEPT, ttl: KEPT_MS });

  constructor(quota: Quota, now: () => number) {
    this.#quota = quota;
    this.#now = now;
  }

  peek(name: string): Account | undefined {
    return this.#used.get(name);
  }

  open(name: string): OpenAccount {
    const account = this.#used.get(name) ?? this.#kept.get(name) ?? new Account(this.#quota, this.#now);
    this.#used.set(name, account);
    this.#kept.delete(name);
    const close = () => {
      if (!account.isUnused) return;
      this.#used.delete(name);
      this.#kept.set(name, account);
    };
    return { account, close };
  }
}
