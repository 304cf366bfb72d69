import { Studio } from '@underpaint/client/react';
import type {} from '@underpaint/client/jsx/react';

export const component = (
  <Studio
    defaultView="split"
    className="wide"
    params={{ strength: 0.4 }}
    strings={{ live: 'Online' }}
    onView={({ detail }) => console.log(detail)}
    onParams={() => undefined}
  />
);
export const element = (
  <underpaint-studio
    view="split"
    strings={{ live: 'Online' }}
    default-prompt="hills"
    onup-view={({ detail }) => console.log(detail)}
  />
);
// @ts-expect-error there is no such view
export const wrong = <Studio view="sideways" />;
// @ts-expect-error there is no such view
export const wrongElement = <underpaint-studio view="sideways" />;
