import type { ParamsPatch } from '@underpaint/shared';
import type { DrawingState, ParamsStep } from '../../drawing/drawing.js';
import type { StreamClient } from '../../stream/stream-client.js';
import type { SaveTarget } from '../save-commands.js';
import type { Translation } from '../strings/strings.js';

interface Source {
  toBlob(): Promise<Blob>;
}

interface Sketch extends Source {
  readonly state: DrawingState;
  restore(drawing: DrawingState, params?: ParamsStep): Promise<void>;
}

interface SavingStudio {
  choose(name: 'input', value: 'sketch'): void;
  readonly client: StreamClient | null;
  readonly sketch: Sketch;
  /** Null while the sketch is the source. */
  readonly webcam: Source | null;
  readonly result: { readonly picture: Blob | null };
  readonly strings: Translation;
  readonly renderRoot: HTMLElement | DocumentFragment;
}

/** What a studio saves, and its place for an opened drawing. */
export function saveTargetOf(studio: SavingStudio): SaveTarget {
  const { client, result, sketch, webcam } = studio;
  return {
    params: client?.params ?? null,
    picture: result.picture,
    drawing: sketch.state,
    sketch: () => (webcam ?? sketch).toBlob(),
    chooseExport: () => chooseExport(studio),
    open: (drawing, params) => restore(studio, drawing, params),
  };
}

async function chooseExport({ strings, renderRoot }: SavingStudio): ReturnType<SaveTarget['chooseExport']> {
  const dialog = Object.assign(document.createElement('underpaint-export'), { strings });
  renderRoot.append(dialog);
  try {
    return await dialog.choose();
  } finally {
    dialog.remove();
  }
}

async function restore(studio: SavingStudio, drawing: DrawingState, params: ParamsPatch): Promise<void> {
  const { client, sketch } = studio;
  studio.choose('input', 'sketch');
  await sketch.restore(drawing, client === null ? undefined : { before: client.params, after: params });
  client?.setParams(params);
}
