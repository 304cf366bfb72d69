import {
  CLOSE,
  splitDrawing,
  type DropReason,
  type NoticeMessage,
  type ParamsMessage,
  type Role,
  type RoleMessage,
  type RoleRequestMessage,
} from '@underpaint/shared';
import type { Audience } from '../canvas/audience.js';
import { Canvas, type CanvasOptions } from '../canvas/canvas.js';
import type { OutgoingImage, ReceivedFrame } from '../canvas/frames.js';
import type { SentFrame } from '../canvas/received.js';
import { FrameError } from '../errors.js';
import type { Guard } from '../guard.js';
import type { RoomAddress } from './address.js';
import { AuthorNumbers } from './author-numbers.js';
import { Door } from './door.js';
import { Drawing, type Change } from './drawing/drawing.js';
import { Floor } from './floor.js';
import { Member, type Home, type MemberOptions } from './member.js';
import { Pace } from './pace.js';
import { Presence } from './presence.js';
import { isAbove } from './roles.js';
import { Roster, summaryOf } from './roster.js';
import { savedCanvas } from './saved-canvas.js';
import type { RoomRecord } from './stores/room-store.js';
import { UploadWatch } from './upload-watch.js';

export interface RoomOptions {
  readonly canvas: CanvasOptions;
  readonly maxDrawingBytes: number;
  readonly guard: Guard;
  readonly now: () => number;
  /** Called when the last member left. */
  readonly onEmpty: (room: Room) => void;
}

/** Parameters that one member changes go to the others at most 20 times a second. */
const TELL_PARAMS_EVERY_MS = 50;

/** A canvas that several people share: one drawing, one set of parameters, one image. */
export class Room implements Audience, Home {
  readonly canvas: Canvas;
  readonly drawing: Drawing;
  readonly presence: Presence;
  readonly uploads: UploadWatch;
  readonly floor: Floor;
  readonly door: Door;
  readonly #options: RoomOptions;
  readonly #members = new Roster();
  readonly #numbers = new AuthorNumbers();
  readonly #paramsPace: Pace;
  #lastMember = 0;
  /** The member who changed the parameters last. */
  #paramsBy = 0;
  #isSafe = true;
  #isUnsaved = false;

  /** @throws DrawingError if the saved drawing is invalid */
  constructor(options: RoomOptions, saved?: RoomRecord) {
    const { canvas, maxDrawingBytes, now } = options;
    this.#options = options;
    this.canvas = new Canvas(canvas, saved && savedCanvas(saved, canvas));
    const onChange = (change: Change) => this.#drawingOnChange(change);
    this.drawing = new Drawing({ maxBytes: maxDrawingBytes, now, onChange }, saved?.drawing);
    this.floor = new Floor(saved?.isLocked ?? false);
    this.door = new Door(saved?.guests);
    const guard = (work: () => void) => options.guard('room', work, () => this.end());
    this.presence = new Presence({ now, guard, tell: (authors) => this.#tellPresence(authors) });
    this.uploads = new UploadWatch({ now, guard, ask: () => this.#askForFrame() });
    this.#paramsPace = new Pace({ everyMs: TELL_PARAMS_EVERY_MS, now, guard, tell: () => this.#tellParams() });
  }

  get size(): number {
    return this.#members.size;
  }

  /** Whether it changed since its record was taken. */
  get isUnsaved(): boolean {
    return this.#isUnsaved;
  }

  /** Everything that is needed to load the room again. */
  takeRecord(): RoomRecord {
    this.#isUnsaved = false;
    const { params, rendered } = this.canvas.saved;
    const { guests } = this.door;
    return { drawing: this.drawing.toSave(), params, isLocked: this.floor.isLocked, guests, image: rendered };
  }

  // ── members ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Frees an author number for a new member: closes the connection of a lower role that has it. A viewer may not have a
   * number that is in the drawing. Nobody may have one that somebody of a higher role has, even if that one is away.
   *
   * @returns false if the new member may not have it
   */
  freeNumber(author: number, role: Role): boolean {
    const holder = this.#members.byAuthor(author);
    if (holder && !isAbove(role, holder.role)) return false;
    if (role === 'viewer' && this.drawing.hasAuthor(author)) return false;
    if (this.#numbers.isReserved(author, role)) return false;
    holder?.channel.close(CLOSE.tryAgainLater, `replaced by the ${role} with the number ${author}`);
    return true;
  }

  /** Makes a member, which joins when its session is live. */
  createMember(
    { id, role, edit, view }: RoomAddress,
    client: Pick<MemberOptions, 'author' | 'pass' | 'channel'>,
  ): Member {
    const { maxDrawingBytes, guard, now } = this.#options;
    const summary = { member: ++this.#lastMember, role, ...(edit && { edit }), view, maxDrawingBytes };
    const run = (work: () => void) => guard('room', work, () => this.end());
    return new Member({ home: this, id, summary, ...client, guard: run, now });
  }

  /** Tells a member the state of the room, and the others about the member. */
  join(member: Member): void {
    this.#members.tell({ type: 'member', event: 'joined', members: [summaryOf(member)] });
    this.#members.add(member);
    this.weigh();
    this.#numbers.remember(member.author, member.role);
    member.channel.send(this.#roleOf(member));
    if (!this.#isSafe) member.channel.send({ type: 'notice', saved: false });
    this.#members.introduce(member);
    const presence = this.presence.messageOf();
    if (presence) member.outbox.sendPresence(presence, new Set());
    if (member.mayDraw) member.outbox.askState();
    const image = this.canvas.imageAgain();
    if (image) member.show(image);
    if (this.size === 1) this.canvas.wake(this);
    else this.canvas.offer();
  }

  leave(member: Member): void {
    if (this.#members.delete(member)) this.#handleLeft(member);
    this.weigh();
    if (this.size > 0) return this.canvas.offer();
    this.canvas.rest();
    this.uploads.stop();
    this.#paramsPace.stop();
    this.#options.onEmpty(this);
  }

  /** A room has the weight of the one of its painters that has most. */
  weigh(): void {
    const painters = [...this.#members].filter(({ role }) => role !== 'viewer');
    this.canvas.weight = painters.length === 0 ? 1 : Math.max(...painters.map(({ weight }) => weight));
  }

  #handleLeft(member: Member): void {
    this.presence.delete(member.author);
    this.#members.tell({ type: 'member', event: 'left', members: [summaryOf(member)] });
    if (this.floor.presenter === member.number) this.#changeFloor({ presenter: null });
  }

  /** Closes the connections of all members; by default after a fault. */
  end(code: number = CLOSE.internal, reason = 'the room failed'): void {
    this.uploads.stop();
    for (const { channel } of [...this.#members]) channel.close(code, reason);
  }

  /** Sets whether the drawing is being saved. Everybody hears of a change. */
  tellSafe(isSafe: boolean): void {
    if (isSafe === this.#isSafe) return;
    this.#isSafe = isSafe;
    const message: NoticeMessage = { type: 'notice', saved: isSafe };
    for (const { outbox } of this.#members) outbox.sendLatest(message);
  }

  // ── roles ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  handleRoleRequest(member: Member, request: RoleRequestMessage): void {
    const refusal = this.floor.refusal(member, request, (number) => this.#members.get(number));
    if (refusal) return member.fail(new FrameError('forbidden', refusal));
    const { closed, remove } = request;
    if (closed === false) this.door.open();
    if (closed || remove !== undefined) this.#closeDoor();
    if (remove !== undefined) this.#remove(this.#members.get(remove));
    this.#isUnsaved ||= closed !== undefined || remove !== undefined;
    this.#changeFloor(request);
  }

  #closeDoor(): void {
    this.door.close([...this.#members].flatMap(({ pass }) => pass ?? []));
  }

  /** Removes a member with all its other connections. It may have left by itself. */
  #remove(removed: Member | undefined): void {
    if (!removed) return;
    const { pass } = removed;
    if (pass !== undefined) this.door.forget(pass);
    const isSame = (member: Member) => member.role !== 'owner' && pass !== undefined && member.pass === pass;
    for (const member of [...this.#members]) {
      if (member === removed || isSame(member)) member.channel.close(CLOSE.removed, 'removed by the owner');
    }
  }

  #changeFloor(request: Pick<RoleRequestMessage, 'locked' | 'presenter'>): void {
    const wasLocked = this.floor.isLocked;
    const couldDraw = new Set([...this.#members].filter(({ mayDraw }) => mayDraw));
    this.floor.change(request, (number) => this.#members.get(number));
    this.#isUnsaved ||= this.floor.isLocked !== wasLocked;
    for (const member of this.#members) {
      member.outbox.sendLatest(this.#roleOf(member));
      // Strokes it drew before it heard of the lock were refused; they are accepted now.
      if (member.mayDraw && !couldDraw.has(member)) member.outbox.askState();
    }
    this.uploads.check();
  }

  #roleOf({ role }: Member): RoleMessage {
    const { isLocked: locked, presenter } = this.floor;
    return { type: 'role', role, locked, closed: this.door.isClosed, presenter };
  }

  // ── drawing ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #drawingOnChange({ update, before, by }: Change): void {
    this.#isUnsaved = true;
    const messages = splitDrawing('update', update);
    for (const member of this.#members) {
      if (member !== by) member.outbox.sendChange(messages, before);
    }
    this.uploads.edited();
  }

  #tellPresence(authors: ReadonlySet<number>): void {
    const message = this.presence.messageOf(authors);
    if (!message) return;
    for (const { outbox } of this.#members) outbox.sendPresence(message, authors);
  }

  /** Asks a member who may draw, each time another one. */
  #askForFrame(): boolean {
    if (this.floor.presenter !== null) return false;
    const member = this.#members.next(({ mayDraw, outbox }) => mayDraw && outbox.isSynced);
    member?.channel.send({ type: 'upload' });
    return member !== undefined;
  }

  // ── frames and images ─────────────────────────────────────────────────────────────────────────────────────────────

  takeFrame(frame: SentFrame, showsAll: boolean): void {
    this.canvas.takeFrame(frame);
    this.uploads.framed(showsAll);
  }

  /** @throws ParamsError if the patch is invalid */
  changeParams({ number, channel }: Member, patch: unknown): void {
    this.canvas.changeParams(patch);
    this.#isUnsaved = true;
    this.#paramsBy = number;
    const { version, params } = this.canvas;
    channel.send({ type: 'params', version, params, member: number });
    this.#paramsPace.due();
  }

  /** Tells everybody except the member who changed them last and was answered already. */
  #tellParams(): void {
    const { version, params } = this.canvas;
    const message: ParamsMessage = { type: 'params', version, params, member: this.#paramsBy };
    for (const { number, outbox } of this.#members) if (number !== this.#paramsBy) outbox.sendLatest(message);
  }

  /** Whether no member can receive an image now. One slow reader holds up nobody. */
  get isFull(): boolean {
    for (const { channel } of this.#members) if (!channel.isFull) return false;
    return true;
  }

  show(image: OutgoingImage): void {
    this.#isUnsaved = true;
    for (const member of this.#members) member.show(image);
  }

  handleDropped({ member, seq }: ReceivedFrame, reason: DropReason): void {
    this.#members.get(member!)?.channel.tellDropped(seq, reason);
  }

  handleFailed(frame: ReceivedFrame | undefined, error: FrameError): void {
    if (frame) return this.#members.get(frame.member!)?.fail(error, frame.seq);
    for (const member of this.#members) member.fail(error);
  }
}
