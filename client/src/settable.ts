import type { ParamsPatch } from '@underpaint/shared';
import type { Translation } from './components/strings/strings.js';

/** Properties that give everything when they are read, and take a part when they are set. */
interface Partly {
  readonly params: ParamsPatch;
  readonly strings: Translation;
}

/** The type that a property of an element takes. In TypeScript, the type of a property is the type of its getter. */
export type Settable<Element, Name extends keyof Element> = Name extends keyof Partly ? Partly[Name] : Element[Name];
