import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Person, Room } from '../room/room.js';

interface PresenterHost extends ReactiveControllerHost {
  readonly currentRoom: Room | null;
  input: 'sketch' | 'webcam';
  readonly view: string;
  readonly strings: { readonly handedToYou: string };
  lookAs(view: string): void;
  notify(words: string): void;
}

/** In a room one camera is shown: the presenter's. The others look at sketch and picture as the presenter does, if they like. */
export class PresenterController implements ReactiveController {
  readonly #host: PresenterHost;
  #room: Room | null = null;
  #followed = '';

  constructor(host: PresenterHost) {
    this.#host = host;
    host.addController(this);
  }

  hostUpdated(): void {
    const { currentRoom, input, view } = this.#host;
    this.#enter(currentRoom);
    if (currentRoom === null) return;
    currentRoom.showsCamera = input === 'webcam';
    if (currentRoom.presence.own.view !== view) currentRoom.presence.set({ view });
  }

  hostDisconnected(): void {
    this.#enter(null);
  }

  #enter(room: Room | null): void {
    if (room === this.#room) return;
    this.#room?.removeEventListener('presenterchange', this.#roomOnPresenterChange);
    this.#room?.removeEventListener('presence', this.#follow);
    room?.addEventListener('presenterchange', this.#roomOnPresenterChange);
    room?.addEventListener('presence', this.#follow);
    this.#room = room;
  }

  #roomOnPresenterChange = ({ detail: presenter }: CustomEvent<Person | null>): void => {
    this.#followed = '';
    // Another camera is shown now, or none: this one is let go of. None is started that nobody asked for.
    if (!presenter?.isSelf) this.#host.input = 'sketch';
    else if (this.#host.input === 'sketch') this.#host.notify(this.#host.strings.handedToYou);
    this.#follow();
  };

  /** Only when the presenter's view changes: who then takes another keeps it. */
  #follow = (): void => {
    const { presenter, isFollowing } = this.#room!;
    if (presenter === null || presenter.isSelf || !isFollowing) return;
    const view = presenter.state?.view ?? '';
    if (view === this.#followed) return;
    this.#followed = view;
    this.#host.lookAs(view);
  };
}
