import { DEFAULT_PARAMS, type ParamsPatch } from '@underpaint/shared';
import type { Departure } from '../../controllers/room-controller.js';
import { loadSheet, roomSheetId, type Sheet, type SheetDetails } from '../../kept/sheets.js';
import type { StreamClient } from '../../stream/stream-client.js';
import type { UnderpaintSketch } from '../underpaint-sketch/underpaint-sketch.js';
import type { UnderpaintView } from '../underpaint-view/underpaint-view.js';
import { VIEWS, type View } from '../underpaint-viewbar/underpaint-viewbar.js';

interface KeepTarget {
  readonly autosave: string;
  readonly client: StreamClient | null;
  readonly sketch: UnderpaintSketch;
  readonly result: UnderpaintView;
  readonly view: View;
  blend: number;
  seedLocked: boolean;
  choose(name: 'view', view: View): void;
  requestUpdate(): void;
}

/** Keeps the words and the settings together with the person's own drawing, also across rooms and reloads. */
export class StudioKeep {
  readonly #studio: KeepTarget;
  #isRestored = false;
  #params: ParamsPatch | null = null;

  constructor(studio: KeepTarget) {
    this.#studio = studio;
  }

  /** Whether the stream must wait: its first parameters are those of the kept drawing. */
  get isRestoring(): boolean {
    return this.#studio.autosave !== '' && !this.#isRestored;
  }

  /** The parameters of the person's own drawing; null before there are any. */
  get params(): ParamsPatch | null {
    return this.#params;
  }

  details = (): SheetDetails | null => {
    const { client, view, blend, seedLocked, result } = this.#studio;
    if (client === null) return null;
    const params = chosenParams(client);
    const settings = { params, view, blend, seedLocked };
    return { words: client.params.prompt, picture: result.picture, settings };
  };

  /** The settings or the words have changed. */
  touch = (): void => this.#studio.sketch.sheet.touch();

  /** @param changed the former values of the studio's properties */
  updated(changed: ReadonlyMap<PropertyKey, unknown>): void {
    if (['view', 'blend', 'seedLocked'].some((name) => changed.get(name) !== undefined)) this.touch();
  }

  onSheet(sheet: Sheet | null): void {
    this.#isRestored = true;
    if (sheet !== null) this.#apply(sheet.settings);
    this.#studio.requestUpdate();
  }

  onEnter(): void {
    const { client } = this.#studio;
    if (client !== null) this.#params = chosenParams(client);
  }

  /** The sheet becomes the person's own drawing. The drawing before stays in the list, and one undo away. */
  onLeave({ room, key, isMadeHere, isLost }: Departure): void {
    const { sketch, client } = this.#studio;
    if (room.summary !== null && client !== null) this.#params = chosenParams(client);
    if (!room.drawing.isEmpty) {
      if (!isMadeHere) sketch.sheet.branch();
      sketch.sheet.put(room.drawing.state);
    } else if (isLost) {
      void this.#keepLast(key);
    }
  }

  /** A room that is gone may have been saved here when this person was in it. */
  async #keepLast(key: string): Promise<void> {
    const sheet = await loadSheet(roomSheetId(key)).catch(() => null);
    if (sheet === null) return;
    const { sketch } = this.#studio;
    sketch.sheet.branch();
    sketch.sheet.put(sheet.drawing.state);
    this.#apply(sheet.settings);
  }

  #apply({ params, view, blend, seedLocked }: Sheet['settings']): void {
    const studio = this.#studio;
    if (params !== undefined) {
      this.#params = params;
      studio.client?.setParams({ ...studio.client.welcome?.defaults, ...params });
    }
    studio.choose('view', VIEWS.find((known) => known === view) ?? studio.view);
    studio.blend = blend ?? studio.blend;
    studio.seedLocked = seedLocked ?? studio.seedLocked;
  }
}

/** The words, and all parameters that differ from the server's. Others stay as the server has them, also after an update. */
function chosenParams({ params, welcome }: StreamClient): ParamsPatch {
  const usual = welcome?.defaults ?? DEFAULT_PARAMS;
  const names = Object.keys(params) as (keyof typeof params)[];
  const chosen = names.filter((name) => name === 'prompt' || params[name] !== usual[name]);
  return Object.fromEntries(chosen.map((name) => [name, params[name]]));
}
