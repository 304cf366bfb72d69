import { html, nothing, type TemplateResult } from 'lit';
import { Drawing, type ParamsAgainEvent } from '../../drawing/drawing.js';
import type { Sheet as ModelSheet } from '../../drawing/sheet.js';
import { roomSheetId, type Sheet, type SheetDetails } from '../../kept/sheets.js';
import type { Room } from '../../room/room.js';
import type { StudioStrings } from '../strings/studio.js';

/** Shown while a room is being opened. */
const CLOSED_SHEET = new Drawing({ isEditable: false });

interface SketchParts {
  readonly sheet: ModelSheet;
  readonly strings: StudioStrings;
  readonly room: Room | null;
  /** Not empty while a room is being opened either. */
  readonly roomKey: string;
  readonly isHidden: boolean;
  readonly starter: boolean;
  readonly autosave: string;
  readonly details: () => SheetDetails | null;
  readonly onPaint: () => void;
  readonly onViewport: () => void;
  readonly onSheet: (sheet: Sheet | null) => void;
  readonly onNotice: (event: CustomEvent<string>) => void;
  readonly onParamsAgain: (event: ParamsAgainEvent) => void;
}

/** The sketchpad, with the pointers of other people over it. */
export function renderSketch({ sheet, strings, room, roomKey, ...parts }: SketchParts): TemplateResult {
  const cursors = html`<underpaint-cursors slot="over" .room=${room} .strings=${strings}></underpaint-cursors>`;
  return html`<underpaint-sketch
    exportparts="toolbar, brush, stage: sketch"
    class="source"
    .shape=${sheet.shape}
    .ground=${sheet.ground}
    .palette=${sheet.palette}
    .strings=${strings}
    ?hidden=${parts.isHidden}
    ?starter=${parts.starter}
    autosave=${parts.autosave}
    .details=${parts.details}
    .drawing=${roomKey === '' ? null : (room?.drawing ?? CLOSED_SHEET)}
    .sharedSheet=${room === null ? '' : roomSheetId(roomKey)}
    @up-sketch=${parts.onPaint}
    @up-viewport=${parts.onViewport}
    @up-sheet=${(event: CustomEvent<Sheet | null>) => parts.onSheet(event.detail)}
    @up-notice=${parts.onNotice}
    @paramsagain=${parts.onParamsAgain}
    >${room === null ? nothing : cursors}</underpaint-sketch
  >`;
}
