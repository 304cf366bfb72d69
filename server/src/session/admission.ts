import type { Guard } from '../guard.js';

/** A client as the admission sees it. */
export interface Candidate {
  /** Device time in ms that one image of this client takes. */
  frameMs(): number;
  /** Time of its last frame, or of its entry, in ms. */
  lastFrameMs(): number;
  /** Lets it in. */
  admit(): void;
  /** Tells it its position in line, from 1. */
  tellPosition(position: number): void;
  /** Asks it to give up its place, because others wait. */
  givePlace(): void;
}

export interface AdmissionOptions {
  readonly maxSessions: number;
  readonly maxWaiting: number;
  /** Devices that share the work. */
  readonly devices: () => number;
  /** A session without a frame for this long may be asked to leave if others wait. */
  readonly idleMs: number;
  /** Runs the work of the timer; a throw in it must not end the line. */
  readonly guard: Guard;
  readonly now: () => number;
}

/** A session without a frame for this long does not count as a load on the device. */
const ACTIVE_MS = 10_000;
/** Every active session gets at least this many images a second. */
const MIN_IMAGES_PER_SECOND = 1;
const LOOK_EVERY_MS = 1_000;
/** Many may enter at once; the load of those who are in is not summed again for each. */
const SUMMED_FOR_MS = 100;

/**
 * Decides which clients enter: at most `maxSessions`, and only as many as the devices can give one image a second each.
 * The others wait in line and know their position. If even the line is full, clients are refused.
 */
export class Admission<C extends Candidate> {
  readonly #options: AdmissionOptions;
  readonly #live = new Set<C>();
  /** The line, first come first served, with the position last sent to each client. */
  readonly #line = new Map<C, number>();
  /** A client may leave in the middle of a look, as it is let in or told something: then the look is repeated. */
  #isLooking = false;
  #looksAgain = false;
  #timer: NodeJS.Timeout | undefined;
  /** The load as it was summed last, with those who were let in since. */
  #load: { busyMs: number; readonly untilMs: number } | undefined;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#line.size;
  }

  /**
   * Asks for a place: the client is admitted, or told its position, at once.
   *
   * @param returning the client had a place a moment ago and keeps it, if nobody waits
   * @returns false if even the line is full
   */
  enter(client: C, returning: boolean): boolean {
    if (this.#line.size === 0 && this.#hasPlace() && (returning || this.#canServe(client))) {
      this.#admit(client);
      return true;
    }
    if (this.#line.size >= this.#options.maxWaiting) return false;
    const position = this.#line.size + 1;
    this.#line.set(client, position);
    client.tellPosition(position);
    const look = () => this.#look();
    this.#timer ??= setInterval(() => this.#options.guard('line', look, () => undefined), LOOK_EVERY_MS);
    return true;
  }

  /** Forgets a client, live or waiting. */
  leave(client: C): void {
    this.#live.delete(client);
    this.#line.delete(client);
    this.#load = undefined;
    this.#look();
  }

  #look(): void {
    this.#looksAgain = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      while (this.#looksAgain) {
        this.#looksAgain = false;
        this.#lookOnce();
      }
    } finally {
      // After a throw the next look still takes place.
      this.#isLooking = false;
    }
  }

  #lookOnce(): void {
    for (const client of this.#line.keys()) {
      if (!this.#hasPlace() || !this.#canServe(client)) break;
      this.#line.delete(client);
      this.#admit(client);
    }
    this.#tell();
    if (this.#line.size > 0) return this.#freePlace();
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #admit(client: C): void {
    if (this.#load) this.#load.busyMs += client.frameMs();
    this.#live.add(client);
    client.admit();
  }

  #tell(): void {
    let position = 0;
    for (const [client, told] of this.#line) {
      position += 1;
      if (told === position) continue;
      this.#line.set(client, position);
      client.tellPosition(position);
    }
  }

  #hasPlace(): boolean {
    return this.#live.size < this.#options.maxSessions;
  }

  /** Whether every active session still gets an image a second with one more client. */
  #canServe(client: C): boolean {
    const busyMs = this.#busyMs();
    if (busyMs === 0) return true;
    return (busyMs + client.frameMs()) * MIN_IMAGES_PER_SECOND <= 1_000 * this.#options.devices();
  }

  /** Device time in ms of one image of each active session. */
  #busyMs(): number {
    const nowMs = this.#options.now();
    if (!this.#load || nowMs >= this.#load.untilMs) {
      let busyMs = 0;
      for (const one of this.#live) if (one.lastFrameMs() >= nowMs - ACTIVE_MS) busyMs += one.frameMs();
      this.#load = { busyMs, untilMs: nowMs + SUMMED_FOR_MS };
    }
    return this.#load.busyMs;
  }

  /** If all places are taken, asks the session that has been idle longest to leave. */
  #freePlace(): void {
    if (this.#hasPlace()) return;
    const since = this.#options.now() - this.#options.idleMs;
    const seen = (client: C) => client.lastFrameMs();
    const idle = [...this.#live].filter((client) => seen(client) < since).sort((a, b) => seen(a) - seen(b));
    idle[0]?.givePlace();
  }
}
