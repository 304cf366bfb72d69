import type { Params, ParamsPatch } from '@underpaint/shared';

/** A prompt is sent when the typing pauses; a knob follows the hand. */
const TYPING_PAUSE_MS = 220;
const KNOB_PAUSE_MS = 50;

/**
 * Keeps the server's parameters up with what is wanted here. At most one patch is under way; changes made meanwhile are
 * merged into the next.
 */
export class ParamsSync {
  readonly #send: (patch: ParamsPatch) => boolean;
  readonly #shared: boolean;
  #wanted: ParamsPatch = {};
  #pending: ParamsPatch = {};
  #underWay: ParamsPatch | null = null;
  #live = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turning = false;

  /** @param shared others change the parameters too: what was wanted and answered is theirs to change from then on */
  constructor(send: (patch: ParamsPatch) => boolean, shared = false) {
    this.#send = send;
    this.#shared = shared;
  }

  /** Everything asked for so far and not overruled by the server; of shared parameters, what has no answer yet. */
  get wanted(): ParamsPatch {
    return this.#wanted;
  }

  change(patch: ParamsPatch): void {
    this.#wanted = { ...this.#wanted, ...patch };
    this.#pending = { ...this.#pending, ...patch };
    if ('prompt' in patch || 'negativePrompt' in patch) this.#schedule(TYPING_PAUSE_MS);
    else this.#turn();
  }

  /** Sends what waits without waiting longer (Enter in the prompt). */
  flush(): void {
    clearTimeout(this.#timer);
    this.#turning = false;
    if (!this.#live || this.#underWay !== null || Object.keys(this.#pending).length === 0) return;
    const patch = this.#pending;
    if (!this.#send(patch)) return;
    this.#pending = {};
    this.#underWay = patch;
  }

  /** A session began or was resumed with these parameters: ask for whatever differs. */
  start(effective: Params): void {
    this.#live = true;
    this.#underWay = null;
    this.#pending = differing(this.#wanted, effective);
    if (this.#shared) this.#wanted = this.#pending;
    this.flush();
  }

  stop(): void {
    this.#live = false;
    this.#turning = false;
    clearTimeout(this.#timer);
  }

  /** The server answered the patch under way; where it clamped a value, that value is what is wanted from now on. */
  answered(effective: Params): void {
    const wanted: Record<string, unknown> = { ...this.#wanted };
    for (const name of keysOf(this.#underWay ?? {})) {
      if (!(name in this.#pending)) wanted[name] = effective[name];
    }
    this.#wanted = this.#shared ? this.#pending : (wanted as ParamsPatch);
    this.#next();
  }

  /** The server refused the patch under way: it is forgotten. */
  refused(): void {
    const wanted: Record<string, unknown> = { ...this.#wanted };
    for (const name of keysOf(this.#underWay ?? {})) if (!(name in this.#pending)) delete wanted[name];
    this.#wanted = wanted as ParamsPatch;
    this.#next();
  }

  #next(): void {
    this.#underWay = null;
    if (Object.keys(this.#pending).length > 0) this.#turn();
  }

  /** Knobs go out at a steady rate while they turn, where typing starts its pause anew with every key. */
  #turn(): void {
    if (this.#turning) return;
    this.#turning = true;
    this.#schedule(KNOB_PAUSE_MS);
  }

  #schedule(pauseMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), pauseMs);
  }
}

function keysOf(patch: ParamsPatch): (keyof Params)[] {
  return Object.keys(patch) as (keyof Params)[];
}

function differing(wanted: ParamsPatch, effective: Params): ParamsPatch {
  return Object.fromEntries(
    keysOf(wanted).flatMap((name) => (wanted[name] === effective[name] ? [] : [[name, wanted[name]]])),
  );
}
