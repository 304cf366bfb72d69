import type { Params } from '@underpaint/shared';
import type { DrawingState, ParamsStep } from '../drawing/drawing.js';
import { Results, type Result } from '../kept/results.js';
import type { StreamClient } from '../stream/stream-client.js';
import { AttachedController, type AttachedHost } from './attached-controller.js';

interface ResultsHost extends AttachedHost {
  /** The name to store under; empty to store nothing. */
  readonly autosave: string;
  readonly input: 'sketch' | 'webcam';
  readonly client: StreamClient | null;
}

interface ResultsOptions {
  readonly picture: () => Blob | null;
  readonly drawing: () => DrawingState;
  readonly restore: (drawing: DrawingState, params: ParamsStep) => void;
}

/** The picture is finished if no other one follows within this time. */
const SETTLED_MS = 1_500;

/** Collects pictures: those that the person keeps, and each one that a change of the drawing or of the words has led to. */
export class ResultsController extends AttachedController<ResultsHost> {
  readonly #options: ResultsOptions;
  #results: Promise<Results> | null = null;
  #list: readonly Result[] = [];
  #name = '';
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last: { readonly drawing: DrawingState; readonly params: Params } | null = null;

  constructor(host: ResultsHost, options: ResultsOptions) {
    super(host);
    this.#options = options;
  }

  /** Newest first. */
  get list(): readonly Result[] {
    return this.#list;
  }

  /** A picture is shown. Camera pictures never settle: the person keeps those. */
  shown(): void {
    void this.#open();
    clearTimeout(this.#timer);
    if (this.isAttached && this.host.input === 'sketch') this.#timer = setTimeout(() => this.#record(), SETTLED_MS);
  }

  /** @returns false if there are too many kept pictures */
  async keepNow(): Promise<boolean> {
    const now = this.#now();
    return now === null || (await this.#open()).add({ ...now, isKept: true });
  }

  /** @returns false if another tab has deleted it */
  async goBackTo(result: Result): Promise<boolean> {
    const drawing = await (await this.#open()).drawingOf(result);
    const { client } = this.host;
    if (drawing === null || client === null) return false;
    const params = { before: client.params, after: result.params };
    client.setParams(params.after);
    this.#options.restore(drawing, params);
    return true;
  }

  async keep(result: Result): Promise<void> {
    await (await this.#open()).keep(result, !result.isKept);
  }

  async delete(result: Result): Promise<void> {
    await (await this.#open()).delete(result);
  }

  protected override detached(): void {
    clearTimeout(this.#timer);
  }

  protected override afterUpdate(): void {
    if (this.host.autosave === this.#name) return;
    this.#name = this.host.autosave;
    this.#results = null;
    void this.#open();
  }

  #open(): Promise<Results> {
    return (this.#results ??= this.#load(this.#name));
  }

  async #load(name: string): Promise<Results> {
    const results = await Results.open(name);
    const update = () => {
      if (name !== this.#name) return;
      this.#list = results.list;
      this.host.requestUpdate();
    };
    results.addEventListener('change', update);
    update();
    return results;
  }

  /** The first picture shows what was there before the person did anything. */
  #record(): void {
    const now = this.#now();
    const last = this.#last;
    if (now === null || this.host.client?.state.status !== 'live') return;
    this.#last = now;
    if (last === null || (now.drawing === last.drawing && isSame(now.params, last.params))) return;
    void this.#open().then((results) => results.add({ ...now, isKept: false }));
  }

  #now() {
    const { client } = this.host;
    const picture = this.#options.picture();
    return picture === null || client === null
      ? null
      : { picture, params: client.params, drawing: this.#options.drawing() };
  }
}

function isSame(a: Params, b: Params): boolean {
  return (Object.keys(a) as (keyof Params)[]).every((name) => a[name] === b[name]);
}
