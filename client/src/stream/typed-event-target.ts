/** An `EventTarget` whose event names and event classes are known to the compiler. */
export interface TypedEventTarget<Events> extends Omit<EventTarget, 'addEventListener' | 'removeEventListener'> {
  addEventListener<Name extends keyof Events & string>(
    type: Name,
    listener: (event: Events[Name]) => void,
    options?: AddEventListenerOptions | boolean,
  ): void;
  removeEventListener<Name extends keyof Events & string>(
    type: Name,
    listener: (event: Events[Name]) => void,
    options?: EventListenerOptions | boolean,
  ): void;
}

export const TypedEventTarget = EventTarget as new <Events>() => TypedEventTarget<Events>;
