import type { Person, Room } from '../room/room.js';
import { AttachedController, type AttachedHost } from './attached-controller.js';
import { RoomEventsController } from './room-events-controller.js';

interface PresenterHost extends AttachedHost {
  readonly currentRoom: Room | null;
  readonly input: 'sketch' | 'webcam';
  readonly view: string;
}

interface PresenterOptions {
  /** Stops the camera: another one or none is shown. */
  readonly onStop: () => void;
  /** Shows sketch and picture as the presenter does. */
  readonly onView: (view: string) => void;
  /** Another member handed over: this person may show a camera. */
  readonly onHandOver: () => void;
}

/** A room shows one camera: the presenter's. The other members follow the presenter's view unless they choose another. */
export class PresenterController extends AttachedController<PresenterHost> {
  readonly #options: PresenterOptions;
  #followed = '';

  constructor(host: PresenterHost, options: PresenterOptions) {
    super(host);
    this.#options = options;
    new RoomEventsController(host, {
      room: () => host.currentRoom,
      listeners: {
        presenterchange: ({ detail }) => this.#roomOnPresenterChange(detail),
        presence: () => this.#follow(),
      },
    });
  }

  protected override afterUpdate(): void {
    const { currentRoom, input, view } = this.host;
    if (currentRoom === null) return;
    currentRoom.showsCamera = input === 'webcam';
    if (currentRoom.presence.own.view !== view) currentRoom.presence.set({ view });
  }

  #roomOnPresenterChange(presenter: Person | null): void {
    this.#followed = '';
    // Another camera or none is shown now. This one stops; a new presenter's camera starts only on request.
    if (!presenter?.isSelf) this.#options.onStop();
    else if (this.host.input === 'sketch') this.#options.onHandOver();
    this.#follow();
  }

  /** Follows only changes of the presenter's view, so that a member can choose another view afterwards. */
  #follow(): void {
    const { presenter, isFollowing } = this.host.currentRoom ?? { presenter: null, isFollowing: false };
    if (presenter === null || presenter.isSelf || !isFollowing) return;
    const view = presenter.state?.view ?? '';
    if (view === this.#followed) return;
    this.#followed = view;
    this.#options.onView(view);
  }
}
