import { html, nothing, type TemplateResult } from 'lit';
import type { RoomLoss } from '../../controllers/room-controller.js';
import type { Room } from '../../room/room.js';
import type { StreamFailure } from '../../stream/stream-events.js';
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
  /** A person who may only watch is offered no source. */
  readonly isWatching: boolean;
  readonly drawings: TemplateResult | typeof nothing;
  readonly room: TemplateResult;
  readonly onHelp: () => void;
}

/** The right part of the bar: inputs, room and help, unless the page leaves them out. */
export function renderEntries(strings: Strings, parts: EntryParts): TemplateResult {
  const { features, isWatching, drawings, room, onHelp } = parts;
  return html`${features.has('camera') && !isWatching ? renderInputs(strings, parts) : nothing} ${drawings}
  ${features.has('share') ? room : nothing}
  ${features.has('help') ? renderIconButton('help', { label: strings.keys, onClick: onHelp }) : nothing}`;
}

/** A button with an icon and without visible text. */
export function renderIconButton(
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

interface LostRoomOptions {
  readonly loss: RoomLoss;
  readonly onMake: () => void;
  readonly onRetry: () => void;
  readonly onForget: () => void;
}

/** Shown after the server had no such room, or has sent the person away. */
export function renderLostRoom(strings: Strings, { loss, onForget, ...on }: LostRoomOptions): TemplateResult {
  const sentence = { missing: strings.roomLost, removed: strings.youWereRemoved, closed: strings.roomClosed }[loss];
  return html`<div class="lost" role="status">
    <span>${sentence}</span>
    ${loss === 'closed' ? html`<button @click=${on.onRetry}>${strings.retry}</button>` : nothing}
    <button @click=${on.onMake}>${strings.makeRoom}</button>
    ${renderIconButton('close', { label: strings.close, onClick: onForget })}
  </div>`;
}

/** What to say to a person who has left a room. */
export function leftInWords({ role, isLocked }: Room, { youLeft, youLeftLocked }: Strings): string {
  return role === 'owner' && isLocked ? youLeftLocked : youLeft;
}

/** A sentence of ours for every failure. Those that the client finds itself have one already. */
export function failureInWords({ code, message }: StreamFailure, { failures }: Strings): string {
  return code === 'bad-address' || code === 'origin-not-allowed' ? message : failures[code];
}

/** In a room one camera is shown at a time, and only members who may draw can show theirs. */
export function mayTake(input: StudioInput, room: Room | null): boolean {
  return room === null || input === 'sketch' || room.isPresenter || (room.canEdit && room.presenter === null);
}
