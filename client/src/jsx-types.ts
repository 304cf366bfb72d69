import type { LitElement } from 'lit';
import type { UnderpaintControls } from './components/underpaint-controls/underpaint-controls.js';
import type { UnderpaintSketch } from './components/underpaint-sketch/underpaint-sketch.js';
import type { UnderpaintStatus } from './components/underpaint-status/underpaint-status.js';
import type { UnderpaintStudio } from './components/underpaint-studio/underpaint-studio.js';
import type { UnderpaintView } from './components/underpaint-view/underpaint-view.js';
import type { UnderpaintWebcam } from './components/underpaint-webcam/underpaint-webcam.js';
import type { Settable } from './settable.js';

/** The elements that a page uses, by their tags. The files in `jsx/` give them to the frameworks. */
export interface Tags {
  readonly 'underpaint-studio': UnderpaintStudio;
  readonly 'underpaint-sketch': UnderpaintSketch;
  readonly 'underpaint-webcam': UnderpaintWebcam;
  readonly 'underpaint-view': UnderpaintView;
  readonly 'underpaint-controls': UnderpaintControls;
  readonly 'underpaint-status': UnderpaintStatus;
}

type OwnNames<Element> = Exclude<keyof Element, keyof LitElement> & string;

/** `defaultView` as an attribute: `default-view`. */
type Kebab<Name extends string> = Name extends `${infer Head}${infer Tail}`
  ? `${Lowercase<Head>}${Tail extends Uncapitalize<Tail> ? '' : '-'}${Kebab<Tail>}`
  : Name;

/** Properties of an element, and its attributes. */
export type Properties<Element> = { [Name in OwnNames<Element>]?: Settable<Element, Name> } & {
  [Name in OwnNames<Element> as Exclude<Kebab<Name>, Name>]?: string | number | boolean;
};

type OwnEvents = Extract<keyof HTMLElementEventMap, `up-${string}`>;

/** Listeners to the elements' events, such as `onup-view` where `On` is `on`. */
export type Listeners<On extends string> = {
  [Name in OwnEvents as `${On}${Name}`]?: (event: HTMLElementEventMap[Name]) => void;
};

type Camel<Name extends string> = Name extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<Tail>}` : Name;

/** Listeners in Vue: `@up-view` in a template is `onUpView`. */
export type VueListeners = {
  [Name in OwnEvents as `on${Capitalize<Camel<Name>>}`]?: (event: HTMLElementEventMap[Name]) => void;
};
