import { DEFAULT_PARAMS, type Params, type ParamsPatch } from '@underpaint/shared';
import type { PropertyValues } from 'lit';
import { property } from 'lit/decorators.js';
import type { AddressUse } from '../../controllers/page-address-controller.js';
import type { TokenProvider } from '../../stream/handshake.js';
import type { StreamClient } from '../../stream/stream-client.js';
import type { StreamFailure } from '../../stream/stream-events.js';
import type { StreamState } from '../../stream/stream-options.js';
import { STUDIO_STRINGS, type StudioStrings } from '../strings/studio.js';
import { TextElement } from '../text-element.js';
import type { View } from '../underpaint-viewbar/underpaint-viewbar.js';
import type { StudioInput } from './studio-parts.js';
import type { ShareDetail } from './studio-share.js';

/** The properties that the person changes too. */
interface Shared {
  readonly view: View;
  readonly input: StudioInput;
  readonly room: string;
  readonly prompt: string;
}

/** What the shared properties are before anybody has chosen. */
const UNTOUCHED: Shared = { view: 'side', input: 'sketch', room: '', prompt: '' };
const DEFAULTS = {
  view: 'defaultView',
  input: 'defaultInput',
  room: 'defaultRoom',
  prompt: 'defaultPrompt',
} as const satisfies Record<keyof Shared, string>;

/**
 * The properties of a studio.
 *
 * `view`, `input`, `room`, `prompt` and `params` are shared with the person: whoever changes one last, wins. When the person
 * has changed one, the event of the same name tells the page. A page that only wants to choose the first value sets the
 * property `default...` instead.
 *
 * @slot brand - content at the start of the top bar
 * @slot bar - content at the end of the top bar
 * @slot controls - replaces the prompt and the other parameters
 * @csspart bar - the top bar
 * @csspart status - the state of the connection
 * @csspart tools - the buttons under the picture
 * @csspart controls - the prompt and the other parameters
 * @csspart notice - a sentence for the person
 * @csspart toolbar - the drawing tools
 * @csspart brush - colours and brush
 * @csspart sketch - the frame around the sketch
 * @csspart picture - the frame around the picture
 * @cssprop --underpaint-accent - colour of selected items and of actions
 * @cssprop --underpaint-on-accent - colour of text on the accent
 * @cssprop --underpaint-paper - colour of the page
 * @cssprop --underpaint-surface - colour of panels and fields
 * @cssprop --underpaint-raised - colour of frames and of hovered items
 * @cssprop --underpaint-line - colour of borders
 * @cssprop --underpaint-text - colour of text
 * @cssprop --underpaint-muted - colour of secondary text
 * @cssprop --underpaint-warn - colour of the sign of a lost connection
 * @cssprop --underpaint-font - font family
 * @cssprop --underpaint-radius - corner radius of frames
 * @cssprop --underpaint-height - the height that the studio may take; `100dvh` unless it is set
 * @cssprop --underpaint-stage-max - largest width of the canvas and of the picture, at least 364px
 * @fires {CustomEvent<StreamState>} up-status - the state of the connection is another
 * @fires {CustomEvent<StreamFailure>} up-error - something failed; a failure that is not `retryable` is also shown in words
 * @fires {CustomEvent<Params>} up-params - the parameters are others
 * @fires {CustomEvent<View>} up-view - the studio shows another view
 * @fires {CustomEvent<'sketch' | 'webcam'>} up-input - the studio has another input
 * @fires {CustomEvent<string>} up-room - the studio enters another room, or none; `detail` is the key
 * @fires {CustomEvent<ShareDetail>} up-share - the person shares the room; a page that cancels the event shows the links itself
 * @fires {CustomEvent<string>} up-notice - a sentence for the person is shown
 * @fires {CustomEvent<Blob>} up-picture - a new picture is shown; `detail` is the JPEG
 * @fires {CustomEvent<void>} up-drawing - the drawing is another; `sketch.state` has it
 */
export abstract class StudioProperties extends TextElement<StudioStrings> {
  protected override readonly english = STUDIO_STRINGS;

  /** Address of the service, such as `https://example.org/` or `wss://example.org/ws`; a relative one starts at the page. */
  @property() server = '';
  /** The prompt. */
  @property() prompt = UNTOUCHED.prompt;
  /** The first prompt. */
  @property({ attribute: 'default-prompt' }) defaultPrompt = '';
  /** The first parameters, such as `{"strength": 0.7, "steps": 4}`. */
  @property({ attribute: 'default-params', type: Object }) defaultParams: ParamsPatch | null = null;
  /** Starts with a drawing of a landscape instead of an empty sketch. */
  @property({ type: Boolean }) starter = false;
  /** Saves the drawing in this browser under this name. */
  @property() autosave = '';
  /** The key of a room to draw in with other people. Without it, the key in the page's address is used, if there is one. */
  @property() room = UNTOUCHED.room;
  /** The key of the first room. */
  @property({ attribute: 'default-room' }) defaultRoom = '';
  /** `hash`: the key of the room is in the fragment of the page's address. `none`: the studio leaves the address alone. */
  @property() address: AddressUse = 'hash';
  /** The name of the key in the fragment. Each studio of a page needs another one. */
  @property({ attribute: 'room-key' }) roomKey = 'room';
  /** Makes the link for a key of a room. Without it, links lead to this page, or with `address="none"` to the page of the server. */
  @property({ attribute: false }) roomLink: ((key: string) => string) | null = null;
  /** `lazy` connects when the studio comes near the part of the page that is on the screen. */
  @property() loading: 'eager' | 'lazy' = 'eager';
  /** The person's name in rooms. Without it, the name used last in this browser. */
  @property() person = '';
  /** `side`, `overlay`, `split` or `result`. */
  @property({ reflect: true }) view: View = UNTOUCHED.view;
  /** The first view. */
  @property({ attribute: 'default-view' }) defaultView: View | '' = '';
  /** `sketch` or `webcam`. */
  @property({ reflect: true }) input: StudioInput = UNTOUCHED.input;
  /** The first input. */
  @property({ attribute: 'default-input' }) defaultInput: StudioInput | '' = '';
  /** Handles keys also while nothing on the page has the focus. For pages with little else on them. */
  @property({ type: Boolean, attribute: 'page-keys' }) pageKeys = false;
  /** The parts to show, such as `prompt strength`, or all but some, such as `-share -camera`; empty for all. */
  @property() features = '';
  /** The language of the texts: `de`, `en`, `es`, `fr`, `ja` or `zh`, or `auto` for that of the page. */
  @property() language = '';
  /** Called for a token before every connection, and before the time of a token is over. */
  @property({ attribute: false }) tokenProvider: TokenProvider | null = null;

  #wanted: ParamsPatch = {};

  /** The connection; null before the first update and outside of the document. */
  abstract readonly client: StreamClient | null;

  /** All parameters. Setting some changes these. */
  get params(): Params {
    return this.client?.params ?? { ...DEFAULT_PARAMS, ...this.firstParams };
  }

  set params(patch: ParamsPatch) {
    if (patch.prompt !== undefined) this.prompt = patch.prompt;
    if (this.client === null) this.#wanted = { ...this.#wanted, ...patch };
    else this.client.setParams(patch);
  }

  /** The parameters that a new connection starts with. */
  protected get firstParams(): ParamsPatch {
    const prompt = this.prompt === '' ? {} : { prompt: this.prompt };
    return { ...this.defaultParams, ...this.#wanted, ...prompt };
  }

  /** Changes a property for the person, and tells the page. */
  choose<Name extends keyof Shared>(name: Name, value: Shared[Name]): void {
    if (this[name] === value) return;
    Object.assign(this, { [name]: value });
    // Words are told with all parameters.
    if (name !== 'prompt') tell(this, `up-${name}`, value);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    for (const name of Object.keys(DEFAULTS) as (keyof Shared)[]) this.#applyDefault(name, changed);
    if (changed.get('defaultParams') === null && this.defaultParams) this.client?.setParams(this.defaultParams);
  }

  /** A page may set it late: it applies while nobody has chosen anything else. */
  #applyDefault(name: keyof Shared, changed: PropertyValues<this>): void {
    const source = DEFAULTS[name];
    if (!changed.has(source) || this[source] === '') return;
    const before = changed.get(source) || UNTOUCHED[name];
    if (this[name] === before) Object.assign(this, { [name]: this[source] });
  }
}

function tell(element: EventTarget, name: string, detail: unknown): void {
  element.dispatchEvent(new CustomEvent(name, { detail }));
}

declare global {
  interface HTMLElementEventMap {
    'up-status': CustomEvent<StreamState>;
    'up-error': CustomEvent<StreamFailure>;
    'up-input': CustomEvent<'sketch' | 'webcam'>;
    'up-room': CustomEvent<string>;
    'up-drawing': CustomEvent<void>;
    'up-share': CustomEvent<ShareDetail>;
  }
}
