import type { ParamsPatch } from '@underpaint/shared';
import type { Translation } from './components/strings/strings.js';

/** Properties that give everything when they are read, and take a part when they are set. */
interface Partly {
  readonly params: ParamsPatch;
  readonly strings: Translation;
}

/** What a property of an element takes. TypeScript has no type for it: that of a property is what it gives. */
export type Settable<Element, Name extends keyof Element> = Name extends keyof Partly ? Partly[Name] : Element[Name];
