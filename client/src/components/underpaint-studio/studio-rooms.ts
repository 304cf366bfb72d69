import { CLOSE, type ParamsPatch } from '@underpaint/shared';
import { html, nothing, type TemplateResult } from 'lit';
import type { NoticeController } from '../../controllers/notice-controller.js';
import { RoomController, type RoomLoss, type RoomParts } from '../../controllers/room-controller.js';
import type { Room } from '../../room/room.js';
import type { StreamClient } from '../../stream/stream-client.js';
import type { StreamLink } from '../../stream/stream-link.js';
import type { StudioStrings } from '../strings/studio.js';
import { renderIconButton } from '../icon-button.js';
import { icon } from '../icons.js';
import type { UnderpaintSketch } from '../underpaint-sketch/underpaint-sketch.js';
import type { StudioInRoom } from './studio-in-room.js';
import type { StudioKeep } from './studio-keep.js';
import type { ShareDetail } from './studio-share.js';

type RoomsHost = ConstructorParameters<typeof RoomController>[0] &
  ConstructorParameters<typeof StudioInRoom>[0] & {
    readonly client: StreamClient | null;
    readonly sketch: UnderpaintSketch;
    readonly strings: StudioStrings;
    share(): Promise<void>;
    choose(name: 'room', key: string): void;
  };

interface StudioRoomsOptions {
  readonly keep: StudioKeep;
  readonly notice: NoticeController;
  /** Address of the service. */
  readonly server: () => string;
  /** The parameters of a new drawing. */
  readonly firstParams: () => ParamsPatch;
}

/** By close code. */
const LOSSES: Readonly<Record<number, RoomLoss>> = {
  [CLOSE.noSuchRoom]: 'missing',
  [CLOSE.removed]: 'removed',
  [CLOSE.roomClosed]: 'closed',
};

/** The person's way into rooms and out of them. */
export class StudioRooms {
  readonly #studio: RoomsHost;
  readonly #options: StudioRoomsOptions;
  readonly #rooms: RoomController;
  /** Null until the code that only rooms need is loaded. */
  #inRoom: StudioInRoom | null = null;

  constructor(studio: RoomsHost, options: StudioRoomsOptions) {
    const { keep, notice } = options;
    this.#studio = studio;
    this.#options = options;
    this.#rooms = new RoomController(studio, {
      load: () => this.#load(),
      history: () => studio.sketch.history,
      params: () => studio.client?.params ?? {},
      choose: (key) => studio.choose('room', key),
      onEnter: () => keep.onEnter(),
      onLeave: (departure) => {
        keep.onLeave(departure);
        if (!departure.isLost) this.#inRoom?.tellLeft(departure);
      },
      onFailure: () => notice.show(studio.strings.roomFailed, 'room'),
    });
  }

  /** The open room; null while the person draws alone. */
  get current(): Room | null {
    return this.#rooms.room;
  }

  /** Undefined while the stream must wait: for the kept drawing, or for the room to be opened. */
  get link(): StreamLink | null | undefined {
    return this.#options.keep.isRestoring || this.#rooms.isOpening ? undefined : (this.current?.link ?? null);
  }

  get initialParams(): ParamsPatch {
    return this.#studio.room === '' ? this.#options.firstParams() : this.#rooms.initialParams;
  }

  /** Whether this person may draw. */
  get canEdit(): boolean {
    return this.current === null || this.current.summary === null || this.current.canEdit;
  }

  create(): Promise<void> {
    return this.#rooms.create();
  }

  leave(): void {
    this.#options.notice.clear('room');
    this.#rooms.leave();
  }

  /** The stream's state has changed. */
  streamChanged(): void {
    const { state } = this.#studio.client ?? {};
    const loss = state?.status === 'ended' ? LOSSES[state.code] : undefined;
    if (loss !== undefined) this.#rooms.lose(loss);
  }

  /** The links of the room. */
  async shareDetail(): Promise<ShareDetail> {
    return (await this.#inRoom?.shareDetail()) ?? { room: this.#studio.room };
  }

  /** Whether this person may only watch, also when the room is not locked. */
  get isWatching(): boolean {
    return this.current?.role === 'viewer' && this.current.summary !== null;
  }

  /** The people in the room, or the button that makes a room. */
  render(): TemplateResult {
    if (this.current !== null && this.#inRoom !== null) return this.#inRoom.render(this.current);
    const studio = this.#studio;
    return renderIconButton({
      shape: icon('share'),
      label: studio.strings.share,
      isDisabled: studio.room !== '' || studio.client?.welcome?.features.includes('rooms') !== true,
      onClick: () => void studio.share(),
    });
  }

  renderLost(): TemplateResult | typeof nothing {
    const { loss } = this.#rooms;
    if (loss === null) return nothing;
    return html`<underpaint-lost
      .loss=${loss}
      .strings=${this.#studio.strings}
      @up-make=${() => void this.#studio.share()}
      @up-retry=${() => this.#rooms.enterAgain()}
      @up-forget=${() => this.#rooms.forget()}
    ></underpaint-lost>`;
  }

  async #load(): Promise<RoomParts> {
    const { StudioInRoom, openRoom, copyDrawing } = await import('../rooms.js');
    this.#inRoom ??= new StudioInRoom(this.#studio, this.#options);
    return { openRoom, copyDrawing };
  }
}
