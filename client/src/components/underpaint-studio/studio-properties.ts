import { LitElement } from 'lit';
import { property } from 'lit/decorators.js';
import type { TokenProvider } from '../../stream/handshake.js';
import { DEFAULT_STRINGS, type Strings } from '../strings.js';
import type { View } from '../underpaint-viewbar/underpaint-viewbar.js';
import type { StudioInput } from './studio-parts.js';

/** The properties that a page sets. */
export abstract class StudioProperties extends LitElement {
  /** Address of the service, such as `https://example.org/` or `wss://example.org/ws`; a relative one starts at the page. */
  @property() server = '';
  /** The first prompt. */
  @property() prompt = '';
  /** Starts with a drawing of a landscape instead of an empty sketch. */
  @property({ type: Boolean }) starter = false;
  /** Saves the drawing in this browser under this name. */
  @property() autosave = '';
  /** The key of a room to draw in with other people. Without it, a key in the page's address (`#room=KEY`) is used. */
  @property() room = '';
  /** The person's name in rooms. Without it, the name used last in this browser. */
  @property() person = '';
  /** `side`, `overlay`, `split` or `result`. */
  @property({ reflect: true }) view: View = 'side';
  /** `sketch` or `webcam`. */
  @property({ reflect: true }) input: StudioInput = 'sketch';
  /** Handles keys also while nothing on the page has the focus. For pages with little else on them. */
  @property({ type: Boolean, attribute: 'page-keys' }) pageKeys = false;
  /** Called for a token before every connection. */
  @property({ attribute: false }) tokenProvider: TokenProvider | null = null;
  /** The texts of the element: `DEFAULT_STRINGS` with some replaced. */
  @property({ attribute: false }) strings: Strings = DEFAULT_STRINGS;
}
