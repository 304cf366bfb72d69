import type { Demand } from '../messages.js';

/** A gateway as the grants see it. */
export interface Grantee {
  /** Grants it so many more frames. */
  grant(count: number): void;
  /** Asks for so many grants back; `returned` answers. */
  recall(count: number): void;
}

interface Account {
  demand: Demand;
  /** Grants that are neither used nor returned. */
  held: number;
  /** Of these, those that were asked back. */
  recalled: number;
  /** Device time per canvas that `demand` does not count yet, in ms. */
  newMs: number;
  /** Device time of its last frame, in ms. */
  lastMs: number;
  /** Makes its device time comparable with that of the others: all gateways began at another time. */
  offsetMs: number;
}

const NONE: Demand = { ready: 0, drawing: 0, usedMs: 0 };
/** So many frames of each canvas may a gateway be behind the others. */
const MOST_BEHIND = 2;

/**
 * Shares the capacity of a worker among gateways. A free row goes to a gateway with frames that may leave: to the one whose
 * canvases have had the least device time each, from any worker, so that all canvases get equal shares wherever they are
 * (fair queueing as in the batcher, with the number of canvases as the weight). Idle time is hardly banked. Rows that nobody waits for are granted ahead, so that the next
 * frame leaves at once, and are recalled when another gateway has frames for them.
 */
export class Grants<G extends Grantee> {
  readonly #accounts = new Map<G, Account>();
  /** Device time per canvas of the gateway that was served last, in ms. */
  #servedMs = 0;

  /** Canvases that wait for an image, on all gateways. */
  get drawing(): number {
    return sum(this.#all, ({ demand }) => demand.drawing);
  }

  /** Grants that are neither used nor returned. */
  get held(): number {
    return sum(this.#all, ({ held }) => held);
  }

  add(gateway: G): void {
    this.#accounts.set(gateway, { demand: NONE, held: 0, recalled: 0, newMs: 0, lastMs: 0, offsetMs: 0 });
  }

  /** Forgets a gateway; its grants are free again. */
  delete(gateway: G): void {
    this.#accounts.delete(gateway);
  }

  setDemand(gateway: G, demand: Demand): void {
    const account = this.#accounts.get(gateway);
    if (!account) return;
    account.demand = demand;
    account.newMs = 0;
    const behindMs = this.#servedMs - MOST_BEHIND * account.lastMs - startOf(account);
    if (behindMs > 0) account.offsetMs += behindMs;
  }

  /** A frame of this device time came for a grant. */
  use(gateway: G, ms: number): void {
    const account = this.#accounts.get(gateway);
    if (!account) return;
    account.held = Math.max(0, account.held - 1);
    account.newMs += ms / weightOf(account);
    account.lastMs = ms;
  }

  /** Grants were given back, of so many that were asked for. */
  returned(gateway: G, count: number, recalled: number): void {
    const account = this.#accounts.get(gateway);
    if (!account) return;
    account.held = Math.max(0, account.held - count);
    account.recalled = Math.max(0, account.recalled - recalled);
  }

  /** Grants rows that are free and not granted yet; recalls some if there are too few. */
  distribute(capacity: number): void {
    const granted = new Map<G, number>();
    for (let free = capacity - this.held; free > 0 && this.#accounts.size > 0; free--) {
      const gateway = this.#next();
      this.#accounts.get(gateway)!.held += 1;
      granted.set(gateway, (granted.get(gateway) ?? 0) + 1);
    }
    for (const [gateway, count] of granted) gateway.grant(count);
    this.#recall();
  }

  /** Asks for everything back. */
  recallAll(): void {
    for (const [gateway, account] of this.#accounts) recall(gateway, account, account.held - account.recalled);
  }

  get #all(): readonly Account[] {
    return [...this.#accounts.values()];
  }

  #next(): G {
    const entries = [...this.#accounts];
    const waiting = entries.filter(([, account]) => unmetOf(account) > 0);
    const [gateway, account] = waiting.length > 0 ? least(waiting, startOf) : least(entries, aheadOf);
    if (waiting.length > 0) this.#servedMs = Math.max(this.#servedMs, startOf(account));
    return gateway;
  }

  #recall(): void {
    let wanted = sum(this.#all, unmetOf) - sum(this.#all, ({ recalled }) => recalled);
    for (const [gateway, account] of this.#accounts) {
      const count = Math.min(wanted, account.held - account.recalled - account.demand.ready);
      if (count <= 0) continue;
      recall(gateway, account, count);
      wanted -= count;
    }
  }
}

function least<G>(entries: readonly [G, Account][], key: (account: Account) => number): [G, Account] {
  return entries.reduce((best, one) => (key(one[1]) < key(best[1]) ? one : best));
}

function recall(gateway: Grantee, account: Account, count: number): void {
  if (count <= 0) return;
  account.recalled += count;
  gateway.recall(count);
}

function weightOf({ demand }: Account): number {
  return Math.max(1, demand.drawing);
}

/** Frames that may leave and have no grant. */
function unmetOf({ demand, held, recalled }: Account): number {
  return Math.max(0, demand.ready - (held - recalled));
}

/** Device time per canvas by the time when the next grant is used. */
function startOf(account: Account): number {
  const { offsetMs, demand, newMs, held, lastMs } = account;
  return offsetMs + demand.usedMs + newMs + (held * lastMs) / weightOf(account);
}

/** Grants per canvas when nobody waits. */
function aheadOf(account: Account): number {
  return account.held / weightOf(account);
}

function sum(accounts: readonly Account[], of: (account: Account) => number): number {
  return accounts.reduce((total, account) => total + of(account), 0);
}
