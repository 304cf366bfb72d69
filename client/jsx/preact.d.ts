import type { JSX } from 'preact';
import type { Listeners, Properties, Tags } from '../dist/esm/jsx-types.js';

declare module 'preact' {
  namespace JSX {
    interface IntrinsicElements extends UnderpaintElements {}
  }
}

type UnderpaintElements = {
  [Tag in keyof Tags]: JSX.HTMLAttributes<Tags[Tag]> & Properties<Tags[Tag]> & Listeners<'on'>;
};
