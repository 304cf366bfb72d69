import type { JSX } from 'solid-js';
import type { Listeners, Properties, Tags } from '../dist/esm/jsx-types.js';

declare module 'solid-js' {
  namespace JSX {
    interface IntrinsicElements extends UnderpaintElements {}
  }
}

type Prefixed<Element> = { [Name in keyof Properties<Element> & string as `prop:${Name}`]?: Properties<Element>[Name] };

type UnderpaintElements = {
  [Tag in keyof Tags]: JSX.HTMLAttributes<Tags[Tag]> & Properties<Tags[Tag]> & Prefixed<Tags[Tag]> & Listeners<'on:'>;
};
