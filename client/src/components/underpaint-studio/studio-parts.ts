import { html, nothing, type TemplateResult } from 'lit';
import type { Room } from '../../room/room.js';
import type { StreamFailure } from '../../stream/stream-events.js';
import type { Feature } from '../features.js';
import { renderIconButton } from '../icon-button.js';
import { icon } from '../icons.js';
import type { StudioStrings } from '../strings/studio.js';

/** Where the frames come from. */
export type StudioInput = 'sketch' | 'webcam';

interface InputParts {
  readonly current: StudioInput;
  readonly canTake: (input: StudioInput) => boolean;
  readonly onInput: (input: StudioInput) => void;
}

/** The switch between sketch and camera. */
function renderInputs(strings: StudioStrings, { current, canTake, onInput }: InputParts): TemplateResult {
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
export function renderEntries(strings: StudioStrings, parts: EntryParts): TemplateResult {
  const { features, isWatching, drawings, room, onHelp } = parts;
  return html`${features.has('camera') && !isWatching ? renderInputs(strings, parts) : nothing} ${drawings}
  ${features.has('share') ? room : nothing}
  ${features.has('help') ? renderIconButton({ shape: icon('help'), label: strings.keys, onClick: onHelp }) : nothing}`;
}

/** @param text empty for no notice; the element stays, so that screen readers announce the next one */
export function renderNotice(text: string): TemplateResult {
  return html`<p class="notice" part="notice" role="status">${text === '' ? nothing : html`<span>${text}</span>`}</p>`;
}

/**
 * A sentence of ours for every failure. Those that the client finds itself have one already, and a site may have one for
 * words that it refuses.
 */
export function failureInWords({ code, message }: StreamFailure, { failures }: StudioStrings): string {
  if (code === 'prompt-refused') return message || failures[code];
  return code === 'bad-address' || code === 'origin-not-allowed' ? message : failures[code];
}

/** In a room one camera is shown at a time, and only members who may draw can show theirs. */
export function mayTake(input: StudioInput, room: Room | null): boolean {
  return room === null || input === 'sketch' || room.isPresenter || (room.canEdit && room.presenter === null);
}
