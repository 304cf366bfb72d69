import { html, nothing, type TemplateResult } from 'lit';
import { Drawing } from '../../drawing/drawing.js';
import type { Sheet } from '../../drawing/sheet.js';
import type { Room } from '../../room/room.js';
import type { Strings } from '../strings.js';
import { renderCursors, type StudioInput } from './studio-parts.js';

/** Shown while a room is being opened. */
const CLOSED_SHEET = new Drawing({ isEditable: false });

interface SketchParts {
  readonly studio: {
    readonly currentRoom: Room | null;
    readonly room: string;
    readonly input: StudioInput;
    readonly starter: boolean;
    readonly autosave: string;
    readonly strings: Strings;
  };
  readonly onPaint: () => void;
  readonly onViewport: () => void;
  readonly onNotice: (event: CustomEvent<string>) => void;
}

/** The sketchpad, with the drawing of the room if there is one. */
export function renderSketch(
  { shape, ground, palette }: Sheet,
  { studio, onPaint, onViewport, onNotice }: SketchParts,
): TemplateResult {
  const { currentRoom, strings } = studio;
  return html`<underpaint-sketch
    exportparts="toolbar, brush, stage: sketch"
    class="source"
    .shape=${shape}
    .ground=${ground}
    .palette=${palette}
    .strings=${strings}
    ?hidden=${studio.input !== 'sketch'}
    ?starter=${studio.starter}
    autosave=${studio.autosave}
    .drawing=${studio.room === '' ? null : (currentRoom?.drawing ?? CLOSED_SHEET)}
    @up-sketch=${onPaint}
    @up-viewport=${onViewport}
    @up-notice=${onNotice}
    >${currentRoom === null ? nothing : renderCursors(currentRoom, strings)}</underpaint-sketch
  >`;
}
