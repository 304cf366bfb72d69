import {
  ChunkReader,
  CLOSE,
  ProtocolError,
  ROOM_LIMITS,
  type DocMessage,
  type FrameMessage,
  type PresenceMessage,
  type Role,
  type RoleRequestMessage,
  type RoomSummary,
} from '@underpaint/shared';
import type { Canvas } from '../canvas/canvas.js';
import { FrameError } from '../errors.js';
import type { OutgoingImage } from '../canvas/frames.js';
import type { SentFrame } from '../canvas/received.js';
import type { Channel } from '../session/channel.js';
import type { Participant, RoomMessage } from '../session/participant.js';
import { TokenBucket } from '../token-bucket.js';
import { MAX_PARTS, type Drawing, type Refusal } from './drawing/drawing.js';
import { readVector } from './drawing/update-reader.js';
import { Outbox } from './outbox.js';
import { readPresence, type Presence } from './presence.js';
import type { UploadWatch } from './upload-watch.js';

/** What a member sees of its room. */
export interface Home {
  readonly canvas: Canvas;
  readonly drawing: Drawing;
  readonly presence: Presence;
  readonly uploads: UploadWatch;
  readonly size: number;
  readonly isLocked: boolean;
  readonly presenter: number | null;
  join(member: Member): void;
  leave(member: Member): void;
  takeFrame(frame: SentFrame, showsAll: boolean): void;
  /** @throws ParamsError when the patch is none */
  changeParams(member: Member, patch: unknown): void;
  handleRoleRequest(member: Member, request: RoleRequestMessage): void;
}

/** A message to a room costs as often as there are members. Nobody draws so fast. */
const MESSAGES_PER_SECOND = 100;
const MESSAGES_AT_ONCE = 400;
/** Comparisons that merging the changes of one member may take: a tenth of a core. A stroke takes some, or thousands in a full room. */
const STEPS_PER_SECOND = 400_000;
const STEPS_AT_ONCE = 1_000_000;
/** A client asks for the drawing once per connection. */
const VECTORS_PER_SECOND = 2;
const VECTORS_AT_ONCE = 10;
/** Of the drawing, what the answers to one member may come to. */
const ANSWER_BYTES_PER_SECOND = 1024 * 1024;
const ANSWER_BYTES_AT_ONCE = 4 * ROOM_LIMITS.maxUpdateBytes;
/** A client may know authors whose strokes have not come yet: no more than a whole drawing can have. */
const MAX_UNKNOWN_AUTHORS = MAX_PARTS;

export interface MemberOptions {
  readonly home: Home;
  readonly summary: RoomSummary;
  /** The number under which its edits stand in the document. */
  readonly client: number;
  readonly channel: Channel;
  readonly now: () => number;
}

/** One client in a room: what it says is checked against its role here, what is for all goes on to the room. */
export class Member implements Participant {
  readonly room: RoomSummary;
  readonly client: number;
  readonly channel: Channel;
  readonly outbox: Outbox;
  readonly #home: Home;
  readonly #chunks = new ChunkReader();
  readonly #messages: TokenBucket;
  readonly #steps: TokenBucket;
  readonly #vectors: TokenBucket;
  readonly #answers: TokenBucket;
  /** Of its own last image: images of others' frames repeat it. */
  #lastSeq = 0;

  constructor({ home, summary, client, channel, now }: MemberOptions) {
    const bucket = (perSecond: number, capacity: number) => new TokenBucket({ perSecond, capacity, now });
    this.#messages = bucket(MESSAGES_PER_SECOND, MESSAGES_AT_ONCE);
    this.#steps = bucket(STEPS_PER_SECOND, STEPS_AT_ONCE);
    this.#vectors = bucket(VECTORS_PER_SECOND, VECTORS_AT_ONCE);
    this.#answers = bucket(ANSWER_BYTES_PER_SECOND, ANSWER_BYTES_AT_ONCE);
    this.#home = home;
    this.room = summary;
    this.client = client;
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
    return this.role === 'owner' || (this.role === 'editor' && !this.#home.isLocked);
  }

  // ── as the participant of its session ─────────────────────────────────────────────────────────────────────────────

  enter(): void {
    this.#home.join(this);
  }

  handleFrame({ seq, at, data, doc, camera = false }: FrameMessage): void {
    if (!this.mayDraw) return this.#forbid('who may not draw here may not send frames', seq);
    if (camera && this.#home.presenter !== this.number) {
      return this.#forbid('only the presenter may send frames of a camera', seq);
    }
    const showsAll = !camera && this.outbox.hasAllWith(doc);
    this.#home.takeFrame({ seq, at, member: this.number, data }, showsAll);
  }

  handleParams(patch: unknown): void {
    if (!this.mayDraw) return this.#forbid('who may not draw here may not change the parameters');
    if (this.#isSlowEnough()) this.#home.changeParams(this, patch);
  }

  handleRoomMessage(message: RoomMessage): void {
    // Presence is told at a rate of its own.
    if (message.type === 'presence') return this.#handlePresence(message);
    if (!this.#isSlowEnough()) return;
    switch (message.type) {
      case 'doc':
        return this.#handleDoc(message);
      case 'role':
        return this.#home.handleRoleRequest(this, message);
    }
  }

  handleWindowOpen(): void {
    this.canvas.offer();
  }

  leave(): void {
    this.#home.leave(this);
  }

  #isSlowEnough(): boolean {
    const isSlowEnough = this.#messages.take(1);
    if (!isSlowEnough) {
      this.channel.close(CLOSE.policy, `more than ${MESSAGES_PER_SECOND} messages a second to a room`);
    }
    return isSlowEnough;
  }

  #handleDoc(message: DocMessage): void {
    const payload = this.#chunks.read(message);
    if (payload === null) return;
    if (payload === 'too-large') {
      const text = `a change of the drawing may have at most ${ROOM_LIMITS.maxUpdateBytes} bytes`;
      return this.fail(new FrameError('doc-full', text));
    }
    if (message.kind === 'vector') this.#handleVector(payload);
    else this.#handleEdit(payload);
  }

  #handleVector(payload: Uint8Array): void {
    const { drawing, uploads } = this.#home;
    if (!this.#vectors.take(1) || !this.#answers.take(drawing.bytes)) {
      return this.channel.close(CLOSE.policy, 'this client asks for the drawing too often');
    }
    const vector = readVector(payload, drawing.authors + MAX_UNKNOWN_AUTHORS);
    if (!vector) return this.channel.close(CLOSE.protocolError, 'doc.data is not a state vector of a drawing');
    this.outbox.sendState(vector);
    uploads.check();
  }

  #handleEdit(update: Uint8Array): void {
    if (!this.mayDraw) return this.#forbid('who may not draw here may not change the drawing');
    if (!this.#steps.take(1)) {
      return this.channel.close(CLOSE.policy, 'merging the changes of this client takes too long');
    }
    const { drawing } = this.#home;
    const refusal = drawing.apply(update, this);
    this.#steps.spend(drawing.steps);
    if (refusal) this.#refuse(refusal);
  }

  #refuse(refusal: Refusal): void {
    switch (refusal) {
      case 'garbage':
        return this.channel.close(CLOSE.protocolError, 'doc.data is not a change of a drawing');
      case 'incomplete':
        return this.outbox.askState();
      case 'costly':
        return this.fail(
          new FrameError('doc-full', 'this change of the drawing cannot be merged, or would take too long to'),
        );
      case 'full': {
        const text = `the drawing has reached its limit of ${this.room.maxDocBytes} bytes or ${MAX_PARTS} strokes`;
        return this.fail(new FrameError('doc-full', text));
      }
    }
  }

  #handlePresence({ data }: PresenceMessage): void {
    try {
      const { client, entry } = readPresence(data);
      if (client === this.client) return this.#home.presence.set(client, entry);
      this.#forbid('presence is about oneself');
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.channel.close(CLOSE.protocolError, error.message);
    }
  }

  // ── as one whom the room tells ────────────────────────────────────────────────────────────────────────────────────

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
