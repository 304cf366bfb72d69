import { html, type TemplateResult } from 'lit';
import type { NoticeController } from '../../controllers/notice-controller.js';
import { PresenterController } from '../../controllers/presenter-controller.js';
import type { Departure } from '../../controllers/room-controller.js';
import type { Room } from '../../room/room.js';
import { ROOM_STRINGS, type RoomStrings } from '../strings/rooms.js';
import type { Translation } from '../strings/strings.js';
import { VIEWS, type View } from '../underpaint-viewbar/underpaint-viewbar.js';
import { StudioShare, type ShareDetail } from './studio-share.js';

type InRoomHost = ConstructorParameters<typeof PresenterController>[0] &
  ConstructorParameters<typeof StudioShare>[0] & {
    readonly view: View;
    readonly strings: Translation;
    leave(): void;
    choose(name: 'input', input: 'sketch'): void;
    choose(name: 'view', view: View): void;
  };

interface InRoomOptions {
  readonly notice: NoticeController;
  /** Address of the service. */
  readonly server: () => string;
}

/** What a studio does only in rooms. It is loaded with them. */
export class StudioInRoom {
  readonly #studio: InRoomHost;
  readonly #notice: NoticeController;
  readonly #share: StudioShare;

  constructor(studio: InRoomHost, { notice, server }: InRoomOptions) {
    this.#studio = studio;
    this.#notice = notice;
    this.#share = new StudioShare(studio, { server });
    new PresenterController(studio, {
      onStop: () => studio.choose('input', 'sketch'),
      onView: (view) => studio.choose('view', VIEWS.find((known) => known === view) ?? studio.view),
      onHandOver: () => notice.show(this.#strings.handedToYou, 'room'),
    });
  }

  /** The links of the room. */
  shareDetail(): Promise<ShareDetail> {
    return this.#share.detail();
  }

  /** Says that the person has left a room. */
  tellLeft({ room }: Departure): void {
    const { youLeft, youLeftLocked } = this.#strings;
    this.#notice.show(room.role === 'owner' && room.isLocked ? youLeftLocked : youLeft, 'sketch');
  }

  /** The people in the room. */
  render(room: Room): TemplateResult {
    return html`<underpaint-room
      .room=${room}
      .strings=${this.#studio.strings}
      .linkOf=${this.#share.linkOf}
      @up-notice=${this.#onNotice}
      @up-leave=${() => this.#studio.leave()}
    ></underpaint-room>`;
  }

  get #strings(): RoomStrings {
    return { ...ROOM_STRINGS, ...this.#studio.strings };
  }

  #onNotice = (event: CustomEvent<string>): void => {
    // The page gets the studio's own event.
    event.stopPropagation();
    this.#notice.show(event.detail, 'room');
  };
}
