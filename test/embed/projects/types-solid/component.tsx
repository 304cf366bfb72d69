import type {} from '@underpaint/client/jsx/solid';

export const element = () => (
  <underpaint-studio
    class="wide"
    prop:view="split"
    default-prompt="hills"
    on:up-view={({ detail }) => console.log(detail)}
  />
);
// @ts-expect-error there is no such view
export const wrong = () => <underpaint-studio prop:view="sideways" />;
