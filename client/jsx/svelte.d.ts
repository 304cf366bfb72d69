import type { HTMLAttributes } from 'svelte/elements';
import type { Listeners, Properties, Tags } from '../dist/esm/jsx-types.js';

declare module 'svelte/elements' {
  interface SvelteHTMLElements extends UnderpaintElements {}
}

type UnderpaintElements = {
  [Tag in keyof Tags]: HTMLAttributes<Tags[Tag]> & Properties<Tags[Tag]> & Listeners<'on'>;
};
