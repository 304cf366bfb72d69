import { html, nothing, type TemplateResult } from 'lit';
import type { Room } from '../../room/room.js';
import type { Feature } from '../features.js';
import { icon, type IconName } from '../icons.js';
import type { Strings } from '../strings.js';

/** Where the frames come from. */
export type StudioInput = 'sketch' | 'webcam';

interface InputParts {
  readonly current: StudioInput;
  readonly canTake: (input: StudioInput) => boolean;
  readonly onInput: (input: StudioInput) => void;
}

/** The switch between sketch and camera. */
function renderInputs(strings: Strings, { current, canTake, onInput }: InputParts): TemplateResult {
  const inputs = ['sketch', 'webcam'] as const;
  return html`<div class="inputs" role="group" aria-label=${strings.input}>
    ${inputs.map(
      (input) =>
        html`<button
          aria-pressed=${current === input}
          aria-disabled=${!canTake(input)}
          @click=${() => canTake(input) && onInput(input)}
        >
          ${icon(input === 'sketch' ? 'stroke' : 'camera')}<span>${strings.inputs[input]}</span>
        </button>`,
    )}
  </div>`;
}

interface EntryParts extends InputParts {
  readonly features: ReadonlySet<Feature>;
  readonly room: TemplateResult;
  readonly onHelp: () => void;
}

/** The right part of the bar: inputs, room and help, unless the page leaves them out. */
export function renderEntries(strings: Strings, parts: EntryParts): TemplateResult {
  const { features, room, onHelp } = parts;
  return html`${features.has('camera') ? renderInputs(strings, parts) : nothing}
  ${features.has('share') ? room : nothing}
  ${features.has('help') ? renderIconButton('help', { label: strings.keys, onClick: onHelp }) : nothing}`;
}

/** A button with an icon and without visible text. */
function renderIconButton(
  name: IconName,
  { label, disabled = false, onClick }: { label: string; disabled?: boolean; onClick: () => void },
): TemplateResult {
  return html`<button
    class="quiet"
    aria-label=${label}
    title=${label}
    aria-disabled=${disabled}
    @click=${() => disabled || onClick()}
  >
    ${icon(name)}
  </button>`;
}

interface RoomPartOptions {
  readonly room: Room | null;
  /** Whether a room can be made: the server has rooms, and none is being opened. */
  readonly isOffered: boolean;
  readonly onShare: () => void;
  readonly onLeave: () => void;
  /** The link for a key of the room. */
  readonly linkOf: (key: string) => string;
  readonly onNotice: (event: CustomEvent<string>) => void;
}

/** The people in the room, or the button that makes a room. */
export function renderRoom(strings: Strings, { room, isOffered, ...on }: RoomPartOptions): TemplateResult {
  if (room === null) {
    return renderIconButton('share', { label: strings.share, disabled: !isOffered, onClick: on.onShare });
  }
  return html`<underpaint-room
    .room=${room}
    .strings=${strings}
    .linkOf=${on.linkOf}
    @up-notice=${on.onNotice}
    @up-leave=${on.onLeave}
  ></underpaint-room>`;
}

/** @param text empty for no notice; the element stays, so that screen readers announce the next one */
export function renderNotice(text: string): TemplateResult {
  return html`<p class="notice" part="notice" role="status">${text === '' ? nothing : html`<span>${text}</span>`}</p>`;
}

export function renderCursors(room: Room, strings: Strings): TemplateResult {
  return html`<underpaint-cursors slot="over" .room=${room} .strings=${strings}></underpaint-cursors>`;
}

/** In a room one camera is shown at a time, and only members who may draw can show theirs. */
export function mayTake(input: StudioInput, room: Room | null): boolean {
  return room === null || input === 'sketch' || room.isPresenter || (room.canEdit && room.presenter === null);
}
