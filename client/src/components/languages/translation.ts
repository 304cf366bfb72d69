import type { Strings } from '../strings.js';

/** The texts of a language. A text that is missing is shown in English. */
export type Translation = Partial<Strings>;
