'use client';

import { Studio } from '@underpaint/client/react';
import { useEffect, useState } from 'react';

/** Rendered on the server first: the address of the service is known only in the browser. */
export function Draw() {
  const [state, setState] = useState({ server: '', isShown: true });
  useEffect(() => {
    setState({ server: new URLSearchParams(location.search).get('server'), isShown: true });
    window.unmount = () => setState((known) => ({ ...known, isShown: false }));
  }, []);
  return state.isShown && state.server !== '' ? <Studio server={state.server} starter /> : <p>Loading</p>;
}
