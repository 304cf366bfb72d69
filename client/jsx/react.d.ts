import type { Listeners, Properties, Tags } from '../dist/esm/jsx-types.js';

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements extends UnderpaintElements {}
  }
}

type UnderpaintElements = {
  [Tag in keyof Tags]: React.DetailedHTMLProps<React.HTMLAttributes<Tags[Tag]>, Tags[Tag]> &
    Properties<Tags[Tag]> &
    Listeners<'on'>;
};
