import type {} from '@underpaint/client/jsx/preact';

export const element = (
  <underpaint-studio class="wide" view="split" default-prompt="hills" onup-view={({ detail }) => console.log(detail)} />
);
// @ts-expect-error there is no such view
export const wrong = <underpaint-studio view="sideways" />;
