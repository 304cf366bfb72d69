import { html, nothing, type TemplateResult } from 'lit';
import type { PictureShape } from '../../drawing/raster.js';
import type { StreamClient } from '../../stream/stream-client.js';
import type { Feature } from '../features.js';
import type { StudioStrings } from '../strings/studio.js';
import type { Result } from '../../kept/results.js';
import type { ChosenIdea } from '../underpaint-controls/underpaint-controls.js';
import type { View, ViewCommand } from '../underpaint-viewbar/underpaint-viewbar.js';
import type { StudioInput } from './studio-parts.js';

interface Parts {
  readonly strings: StudioStrings;
  readonly shape: PictureShape;
  readonly client: StreamClient | null;
}

/** @param input nothing is rendered, and no camera runs, unless it is `webcam` */
export function renderWebcam(
  input: StudioInput,
  { strings, shape, load }: Parts & { readonly load: () => void },
): TemplateResult | typeof nothing {
  if (input !== 'webcam') return nothing;
  if (customElements.get('underpaint-webcam') === undefined) load();
  return html`<underpaint-webcam
    class="source"
    autostart
    mirrored
    .shape=${shape}
    .strings=${strings}
  ></underpaint-webcam>`;
}

interface PictureParts extends Parts {
  /** The CSS transform of the picture: that of the sketch under it. */
  readonly transform: string;
  readonly onPicture: () => void;
}

/** The live picture. */
export function renderPicture({ strings, shape, client, transform, onPicture }: PictureParts): TemplateResult {
  return html`<underpaint-view
    exportparts="stage: picture"
    .client=${client}
    .shape=${shape}
    .strings=${strings}
    .transform=${transform}
    @up-picture=${onPicture}
  ></underpaint-view>`;
}

interface ToolParts extends Parts {
  readonly view: View;
  readonly hasPicture: boolean;
  readonly results: readonly Result[];
  /** Whether the person may change the drawing. */
  readonly canEdit: boolean;
  readonly features: ReadonlySet<Feature>;
  /** The opacity slider of the overlay. */
  readonly blend: TemplateResult | typeof nothing;
  readonly onView: (view: View) => void;
  readonly onCommand: (command: ViewCommand) => void;
  readonly onResult: (event: CustomEvent<Result>) => void;
}

/** The buttons under the picture, and the snapshots. */
export function renderTools(parts: ToolParts): TemplateResult {
  const { strings, client, results, canEdit } = parts;
  return html`<div class="tools" part="tools">
      <underpaint-viewbar
        .view=${parts.view}
        .strings=${strings}
        .features=${parts.features}
        .ready=${parts.hasPicture}
        ?readonly=${!canEdit}
        .frozen=${client?.frozen ?? false}
        @up-view=${(event: CustomEvent<View>) => parts.onView(event.detail)}
        @up-view-command=${(event: CustomEvent<ViewCommand>) => parts.onCommand(event.detail)}
      ></underpaint-viewbar>
      ${parts.blend}
    </div>
    <underpaint-snapshots
      .snapshots=${results}
      .strings=${strings}
      .restorable=${canEdit}
      ?hidden=${results.length === 0}
      @up-snapshot=${parts.onResult}
      @up-keep=${parts.onResult}
      @up-delete=${parts.onResult}
    ></underpaint-snapshots>`;
}

interface ControlParts {
  readonly studio: { seedLocked: boolean };
  readonly features: ReadonlySet<Feature>;
  /** Whether the words alone are shown. */
  readonly isReadonly: boolean;
  /** The server's address. */
  readonly server: string;
  readonly onParams: () => void;
  readonly onIdea: (idea: ChosenIdea) => void;
}

/** The words and the settings, unless the page has its own. */
export function renderControls(
  { client, strings }: Parts,
  { studio, features, isReadonly, server, onParams, onIdea }: ControlParts,
): TemplateResult {
  return html`<slot name="controls"
    ><underpaint-controls
      part="controls"
      .features=${features}
      .client=${client}
      .strings=${strings}
      .seedLocked=${studio.seedLocked}
      .server=${server}
      ?readonly=${isReadonly}
      @up-idea=${(event: CustomEvent<ChosenIdea>) => onIdea(event.detail)}
      @up-params=${onParams}
      @up-seed-lock=${(event: CustomEvent<boolean>) => (studio.seedLocked = event.detail)}
    ></underpaint-controls
  ></slot>`;
}
