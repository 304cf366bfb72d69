import type { ErrorMessage, Params, ParamsPatch } from '@underpaint/shared';

/** A prompt is sent when typing pauses. A slider is sent at a steady rate while it moves. */
const TYPING_PAUSE_MS = 220;
const SLIDER_PAUSE_MS = 50;

/** Whether an error answers a patch, and not a frame. */
export function refusesPatch({ code, seq }: Pick<ErrorMessage, 'code' | 'seq'>): boolean {
  return seq === undefined && ['bad-params', 'prompt-refused', 'forbidden'].includes(code);
}

/**
 * Brings the server's parameters up to the ones wanted here. At most one patch is under way; later changes are merged
 * into the next patch.
 */
export class ParamsSync {
  readonly #send: (patch: ParamsPatch) => boolean;
  readonly #shared: boolean;
  #wanted: ParamsPatch = {};
  #pending: ParamsPatch = {};
  #underWay: ParamsPatch | null = null;
  #live = false;
  #held = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sliding = false;

  /** @param shared other people change the parameters too: an answered wish is dropped, so that it does not undo theirs */
  constructor(send: (patch: ParamsPatch) => boolean, shared = false) {
    this.#send = send;
    this.#shared = shared;
  }

  /** Everything asked for and not overruled by the server. Of shared parameters, only the ones without an answer. */
  get wanted(): ParamsPatch {
    return this.#wanted;
  }

  change(patch: ParamsPatch): void {
    this.#wanted = { ...this.#wanted, ...patch };
    this.#pending = { ...this.#pending, ...patch };
    if ('prompt' in patch || 'negativePrompt' in patch) this.#schedule(TYPING_PAUSE_MS);
    else this.#slide();
  }

  /** While held nothing is sent. The changes made meanwhile are sent afterwards. */
  set held(held: boolean) {
    this.#held = held;
    if (!held) this.flush();
  }

  /** Sends waiting changes at once (Enter in the prompt). */
  flush(): void {
    clearTimeout(this.#timer);
    this.#sliding = false;
    if (!this.#live || this.#held || this.#underWay !== null || Object.keys(this.#pending).length === 0) return;
    const patch = this.#pending;
    if (!this.#send(patch)) return;
    this.#pending = {};
    this.#underWay = patch;
  }

  /** A session started or was resumed with these parameters: asks for the ones that differ. */
  start(effective: Params): void {
    this.#live = true;
    this.#underWay = null;
    this.#pending = differing(this.#wanted, effective);
    if (this.#shared) this.#wanted = this.#pending;
    this.flush();
  }

  stop(): void {
    this.#live = false;
    this.#sliding = false;
    clearTimeout(this.#timer);
  }

  /** The server answered the patch under way. A value that it clamped is the wanted one from now on. */
  answered(effective: Params): void {
    const wanted: Record<string, unknown> = { ...this.#wanted };
    for (const name of keysOf(this.#underWay ?? {})) {
      if (!(name in this.#pending)) wanted[name] = effective[name];
    }
    this.#wanted = this.#shared ? this.#pending : (wanted as ParamsPatch);
    this.#next();
  }

  /** The server rejected the patch under way: forgets it. */
  refused(): void {
    const wanted: Record<string, unknown> = { ...this.#wanted };
    for (const name of keysOf(this.#underWay ?? {})) if (!(name in this.#pending)) delete wanted[name];
    this.#wanted = wanted as ParamsPatch;
    this.#next();
  }

  #next(): void {
    this.#underWay = null;
    if (Object.keys(this.#pending).length > 0) this.#slide();
  }

  /** A slider does not restart its pause while it moves; typing does with every key. */
  #slide(): void {
    if (this.#sliding) return;
    this.#sliding = true;
    this.#schedule(SLIDER_PAUSE_MS);
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
