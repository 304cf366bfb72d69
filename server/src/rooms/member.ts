import {
  CLOSE,
  dispatch,
  DrawingReader,
  ProtocolError,
  ROOM_LIMITS,
  type DrawingMessage,
  type FrameMessage,
  type Handlers,
  type PresenceMessage,
  type Role,
  type RoleRequestMessage,
  type RoomRequest,
  type RoomSummary,
} from '@underpaint/shared';
import type { Grant } from '../access/grant.js';
import type { Canvas } from '../canvas/canvas.js';
import type { OutgoingImage } from '../canvas/frames.js';
import { FrameError } from '../errors.js';
import type { SentFrame } from '../canvas/received.js';
import type { Channel } from '../session/channel.js';
import type { Participant } from '../session/participant.js';
import { MAX_PARTS, type Drawing, type DrawingRefusal } from './drawing/drawing.js';
import { readVector } from './drawing/update-reader.js';
import type { Floor } from './floor.js';
import { MemberLimits, MESSAGES_PER_SECOND } from './member-limits.js';
import { Outbox } from './outbox.js';
import { OwnPace } from './own-pace.js';
import { readPresence, type Presence } from './presence.js';
import type { UploadWatch } from './upload-watch.js';

/** What a member sees of its room. */
export interface Home {
  readonly canvas: Canvas;
  readonly drawing: Drawing;
  readonly presence: Presence;
  readonly uploads: UploadWatch;
  readonly floor: Floor;
  readonly size: number;
  join(member: Member): void;
  leave(member: Member): void;
  /** The weight of a member has changed. */
  weigh(): void;
  takeFrame(frame: SentFrame, showsAll: boolean): void;
  /** @throws ParamsError if the patch is invalid */
  changeParams(member: Member, patch: unknown): void;
  handleRoleRequest(member: Member, request: RoleRequestMessage): void;
}

/** A client may know authors whose strokes are still to come: no more than a whole drawing can have. */
const MAX_UNKNOWN_AUTHORS = MAX_PARTS;

export interface MemberOptions {
  readonly home: Home;
  /** Of the room. */
  readonly id: string;
  readonly summary: RoomSummary;
  /** The author number of its marks in the drawing. */
  readonly author: number;
  /** Of `Door`; undefined if the client chose none. */
  readonly pass: string | undefined;
  readonly channel: Channel;
  readonly guard: (work: () => void) => void;
  readonly now: () => number;
}

/** One client in a room. Checks its messages against its role, and passes on to the room what concerns everybody. */
export class Member implements Participant {
  readonly room: RoomSummary;
  readonly roomId: string;
  readonly author: number;
  readonly pass: string | undefined;
  readonly channel: Channel;
  readonly outbox: Outbox;
  /** Its share of the device, which it brings to the room. */
  weight = 1;
  readonly #home: Home;
  readonly #pace: OwnPace;
  readonly #limits: MemberLimits;
  readonly #reader = new DrawingReader();
  readonly #handlers: Handlers<RoomRequest> = {
    drawing: (message) => this.#handleDrawing(message),
    presence: (message) => this.#handlePresence(message),
    role: (message) => this.#handleRole(message),
  };
  /** Of its own last image; images of others' frames repeat it. */
  #lastSeq = 0;

  constructor({ home, id, summary, author, pass, channel, guard, now }: MemberOptions) {
    this.#home = home;
    const onReplaced = ({ seq }: FrameMessage) => channel.tellDropped(seq, 'replaced');
    this.#pace = new OwnPace({ pass: (frame) => this.#takeFrame(frame), onReplaced, guard, now });
    this.#limits = new MemberLimits(now);
    this.room = summary;
    this.roomId = id;
    this.author = author;
    this.pass = pass;
    this.channel = channel;
    this.outbox = new Outbox({ channel, drawing: home.drawing, presence: home.presence });
  }

  get number(): number {
    return this.room.member;
  }

  get role(): Role {
    return this.room.role;
  }

  get canvas(): Canvas {
    return this.#home.canvas;
  }

  get share(): number {
    return 1 / this.#home.size;
  }

  get mayDraw(): boolean {
    return this.#home.floor.mayDraw(this.role);
  }

  // ── called by its session ─────────────────────────────────────────────────────────────────────────────────────────

  allow({ weight, framesPerSecond }: Grant): void {
    this.weight = weight;
    this.#pace.framesPerSecond = framesPerSecond;
    this.#home.weigh();
  }

  enter(): void {
    this.#home.join(this);
  }

  handleFrame(frame: FrameMessage): void {
    this.#pace.take(frame);
  }

  #takeFrame({ seq, at, data, drawn, camera = false, traceparent }: FrameMessage): void {
    if (!this.mayDraw) return this.#forbid('you may not draw here, so you may not send frames', seq);
    if (camera && this.#home.floor.presenter !== this.number) {
      return this.#forbid('only the presenter may send frames of a camera', seq);
    }
    const showsAll = !camera && this.outbox.hasAllWith(drawn);
    this.#home.takeFrame({ seq, at, member: this.number, data, traceparent }, showsAll);
  }

  handleParams(patch: unknown): void {
    if (!this.mayDraw) return this.#forbid('you may not draw here, so you may not change the parameters');
    if (this.#takeMessage()) this.#home.changeParams(this, patch);
  }

  handleRoomMessage(message: RoomRequest): void {
    dispatch(this.#handlers, message);
  }

  handleWindowOpen(): void {
    this.canvas.offer();
  }

  leave(): void {
    this.#pace.stop();
    this.#home.leave(this);
  }

  // ── messages of rooms ─────────────────────────────────────────────────────────────────────────────────────────────

  /** Counts a message against the limit. Presence is not counted: it is passed on at its own rate. */
  #takeMessage(): boolean {
    const isWithinLimit = this.#limits.messages.take(1);
    if (!isWithinLimit) {
      this.channel.close(CLOSE.policy, `more than ${MESSAGES_PER_SECOND} messages a second to a room`);
    }
    return isWithinLimit;
  }

  #handleRole(request: RoleRequestMessage): void {
    if (this.#takeMessage()) this.#home.handleRoleRequest(this, request);
  }

  #handleDrawing(message: DrawingMessage): void {
    if (!this.#takeMessage()) return;
    const payload = this.#reader.read(message);
    if (payload === null) return;
    if (payload === 'too-large') {
      const text = `a change of the drawing may have at most ${ROOM_LIMITS.maxUpdateBytes} bytes`;
      return this.fail(new FrameError('drawing-full', text));
    }
    if (message.kind === 'vector') this.#handleVector(payload);
    else this.#handleEdit(payload);
  }

  #handleVector(payload: Uint8Array): void {
    const { drawing, uploads } = this.#home;
    const { vectors, answerBytes } = this.#limits;
    if (!vectors.take(1) || !answerBytes.take(drawing.bytes)) {
      return this.channel.close(CLOSE.policy, 'this client asks for the drawing too often');
    }
    const vector = readVector(payload, drawing.authors + MAX_UNKNOWN_AUTHORS);
    if (!vector) return this.channel.close(CLOSE.protocolError, 'drawing.data is not a state vector of a drawing');
    this.outbox.sendState(vector);
    uploads.check();
  }

  #handleEdit(update: Uint8Array): void {
    if (!this.mayDraw) return this.#forbid('you may not change the drawing');
    const { steps } = this.#limits;
    if (!steps.take(1)) {
      return this.channel.close(CLOSE.policy, 'merging the changes of this client takes too long');
    }
    const { drawing } = this.#home;
    const refusal = drawing.apply(update, this);
    steps.spend(drawing.steps);
    if (refusal) this.#refuse(refusal);
  }

  #refuse(refusal: DrawingRefusal): void {
    switch (refusal) {
      case 'garbage':
        return this.channel.close(CLOSE.protocolError, 'drawing.data is not a change of a drawing');
      case 'incomplete':
        return this.outbox.askState();
      case 'costly': {
        const text = 'this change of the drawing cannot be merged, or would take too long to merge';
        return this.fail(new FrameError('drawing-full', text));
      }
      case 'full': {
        const text = `the drawing has reached its limit of ${this.room.maxDrawingBytes} bytes or ${MAX_PARTS} strokes`;
        return this.fail(new FrameError('drawing-full', text));
      }
    }
  }

  #handlePresence({ data }: PresenceMessage): void {
    try {
      const { author, entry } = readPresence(data);
      if (author === this.author) return this.#home.presence.set(author, entry);
      this.#forbid('presence may only be about its sender');
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.channel.close(CLOSE.protocolError, error.message);
    }
  }

  // ── called by the room ────────────────────────────────────────────────────────────────────────────────────────────

  show(image: OutgoingImage): void {
    const { member, seq } = image.asked.frame;
    if (member !== this.number) return this.channel.sendImage(image, this.#lastSeq);
    this.#lastSeq = seq;
    this.channel.sendImage(image);
  }

  fail(error: FrameError, seq?: number): void {
    this.channel.tellFailed(seq, error);
  }

  #forbid(message: string, seq?: number): void {
    this.fail(new FrameError('forbidden', message), seq);
  }
}
