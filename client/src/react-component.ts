import * as React from 'react';
import type { Settable } from './settable.js';

/** Names of React's properties, each with the event it listens to. */
type Events = Readonly<Record<string, keyof HTMLElementEventMap>>;

/** The properties of an element's class that are not those of every element. */
type OwnProperties<Element> = { [Name in OwnNames<Element>]?: Settable<Element, Name> };

type OwnNames<Element> = Exclude<keyof Element, keyof HTMLElement>;

type Listeners<On extends Events> = { [Name in keyof On]?: (event: HTMLElementEventMap[On[Name]]) => void };

/** The properties of a component: those of its element, its events, and those of every element in React. */
export type ComponentProps<Element, On extends Events> = OwnProperties<Element> &
  Listeners<On> &
  Omit<React.HTMLAttributes<Element>, OwnNames<Element> | keyof On> &
  React.RefAttributes<Element> & { readonly slot?: string };

interface ComponentOptions<On extends Events> {
  readonly tag: keyof HTMLElementTagNameMap;
  readonly name: string;
  readonly events: On;
}

/**
 * Makes a React component of an element. React 18 sets attributes only, so the component sets the properties itself, and only
 * those whose values differ from the last render: what the person has changed meanwhile stays.
 */
export function component<Element extends HTMLElement, On extends Events>(
  elementClass: abstract new () => Element,
  { tag, name, events }: ComponentOptions<On>,
): React.FC<ComponentProps<Element, On>> {
  const isOwn = (key: string) => key in elementClass.prototype && !(key in HTMLElement.prototype);
  const Component = React.forwardRef<Element, Record<string, unknown>>((props, forwarded) => {
    const element = React.useRef<Element | null>(null);
    const shown = React.useRef<Readonly<Record<string, unknown>>>({});
    React.useImperativeHandle(forwarded, () => element.current!, []);
    useLayoutEffect(() => {
      applyChanged(element.current!, { before: shown.current, now: props, isOwn });
      shown.current = props;
    });
    useLayoutEffect(() => listen(element.current!, events, () => shown.current), []);
    // React 18 would make an attribute `classname` of it.
    const others = Object.entries(props)
      .filter(([key]) => !isOwn(key) && !(key in events))
      .map(([key, value]) => [key === 'className' ? 'class' : key, value]);
    return React.createElement(tag, { ...Object.fromEntries(others), ref: element });
  });
  Component.displayName = name;
  return Component as unknown as React.FC<ComponentProps<Element, On>>;
}

/** React warns about layout effects on servers. */
const useLayoutEffect = typeof document === 'undefined' ? React.useEffect : React.useLayoutEffect;

interface Change {
  readonly before: Readonly<Record<string, unknown>>;
  readonly now: Readonly<Record<string, unknown>>;
  readonly isOwn: (key: string) => boolean;
}

function applyChanged(element: object, { before, now, isOwn }: Change): void {
  for (const [key, value] of Object.entries(now)) {
    if (isOwn(key) && !Object.is(before[key], value)) Object.assign(element, { [key]: value });
  }
}

/** Always calls the listener of the last render. */
function listen(element: EventTarget, events: Events, props: () => Readonly<Record<string, unknown>>): () => void {
  const listeners = Object.entries(events).map(([key, name]) => {
    const listener = (event: Event) => (props()[key] as ((event: Event) => void) | undefined)?.(event);
    element.addEventListener(name, listener);
    return [name, listener] as const;
  });
  return () => {
    for (const [name, listener] of listeners) element.removeEventListener(name, listener);
  };
}
