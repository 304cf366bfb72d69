import { CLOSE, type ParamsPatch } from '@underpaint/shared';
import { nothing, type TemplateResult } from 'lit';
import type { NoticeController } from '../../controllers/notice-controller.js';
import { RoomController, type RoomLoss } from '../../controllers/room-controller.js';
import type { Room } from '../../room/room.js';
import type { StreamClient } from '../../stream/stream-client.js';
import type { StreamLink } from '../../stream/stream-link.js';
import type { Strings } from '../strings.js';
import type { UnderpaintSketch } from '../underpaint-sketch/underpaint-sketch.js';
import type { StudioKeep } from './studio-keep.js';
import { leftInWords, renderLostRoom, renderRoom } from './studio-parts.js';

type RoomsHost = ConstructorParameters<typeof RoomController>[0] & {
  readonly client: StreamClient | null;
  readonly sketch: UnderpaintSketch;
  readonly strings: Strings;
  share(): Promise<void>;
  leave(): void;
  choose(name: 'room', key: string): void;
};

interface StudioRoomsOptions {
  readonly keep: StudioKeep;
  readonly notice: NoticeController;
  /** The link for a key of a room. */
  readonly linkOf: (key: string) => string;
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

  constructor(studio: RoomsHost, options: StudioRoomsOptions) {
    const { keep, notice } = options;
    this.#studio = studio;
    this.#options = options;
    this.#rooms = new RoomController(studio, {
      load: () => import('../rooms.js'),
      history: () => studio.sketch.history,
      params: () => studio.client?.params ?? {},
      choose: (key) => studio.choose('room', key),
      onEnter: () => keep.onEnter(),
      onLeave: (departure) => {
        keep.onLeave(departure);
        if (!departure.isLost) notice.show(leftInWords(departure.room, studio.strings), 'sketch');
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

  /** Whether this person may only watch, also when the room is not locked. */
  get isWatching(): boolean {
    return this.current?.role === 'viewer' && this.current.summary !== null;
  }

  render(): TemplateResult {
    const studio = this.#studio;
    return renderRoom(studio.strings, {
      room: this.current,
      isOffered: studio.room === '' && studio.client?.welcome?.features.includes('rooms') === true,
      onShare: () => void studio.share(),
      onLeave: () => studio.leave(),
      linkOf: this.#options.linkOf,
      onNotice: (event) => {
        // The page gets the studio's own event.
        event.stopPropagation();
        this.#options.notice.show(event.detail, 'room');
      },
    });
  }

  renderLost(): TemplateResult | typeof nothing {
    const { loss } = this.#rooms;
    if (loss === null) return nothing;
    return renderLostRoom(this.#studio.strings, {
      loss,
      onMake: () => void this.#studio.share(),
      onRetry: () => this.#rooms.enterAgain(),
      onForget: () => this.#rooms.forget(),
    });
  }
}
