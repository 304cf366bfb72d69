import {
  applyParams,
  CLOSE,
  toChunks,
  type DropReason,
  type MemberMessage,
  type NoticeMessage,
  type ParamsMessage,
  type Role,
  type RoleMessage,
  type RoleRequestMessage,
  type ServerMessage,
} from '@underpaint/shared';
import type { Audience } from '../canvas/audience.js';
import { Canvas, type CanvasOptions, type SavedCanvas } from '../canvas/canvas.js';
import { FrameError } from '../errors.js';
import type { OutgoingImage, ReceivedFrame } from '../canvas/frames.js';
import type { SentFrame } from '../canvas/received.js';
import type { Guard } from '../guard.js';
import type { Channel } from '../session/channel.js';
import type { RoomAddress } from './address.js';
import { Drawing, type Change } from './drawing/drawing.js';
import { Member, type Home } from './member.js';
import { Pace } from './pace.js';
import { Presence } from './presence.js';
import type { RoomRecord } from './stores/room-store.js';
import { UploadWatch } from './upload-watch.js';

export interface RoomOptions {
  readonly canvas: CanvasOptions;
  readonly maxDocBytes: number;
  readonly guard: Guard;
  readonly now: () => number;
  /** The last member left. */
  readonly onEmpty: (room: Room) => void;
}

/** A message may hold some thousands of values. */
const MEMBERS_A_MESSAGE = 500;
/** Parameters that one member changes are told the others at most 20 times a second. */
const TELL_PARAMS_EVERY_MS = 50;
/** Numbers whose holders are remembered; the oldest are forgotten first. */
const MAX_REMEMBERED = 1_000;
const RANKS: readonly Role[] = ['viewer', 'editor', 'owner'];
const NO_TIMING = Object.freeze({ decodeMs: 0, inferMs: 0, encodeMs: 0 });

/** A canvas that several people share: one drawing, one set of parameters, one picture. */
export class Room implements Audience, Home {
  readonly canvas: Canvas;
  readonly drawing: Drawing;
  readonly presence: Presence;
  readonly uploads: UploadWatch;
  readonly #options: RoomOptions;
  /** In the order in which they are asked for a frame. */
  readonly #members = new Map<number, Member>();
  readonly #paramsPace: Pace;
  /** What those who drew under a number were, while the room is awake. */
  readonly #held = new Map<number, Role>();
  #lastMember = 0;
  #paramsBy = 0;
  #isSafe = true;
  #isLocked: boolean;
  #isUnsaved = false;
  #presenter: number | null = null;

  constructor(options: RoomOptions, saved?: RoomRecord) {
    const { canvas, maxDocBytes, now } = options;
    this.#options = options;
    this.canvas = new Canvas(canvas, saved && savedCanvas(saved, canvas));
    const onChange = (change: Change) => this.#drawingOnChange(change);
    this.drawing = new Drawing({ maxBytes: maxDocBytes, now, onChange }, saved?.doc);
    this.#isLocked = saved?.isLocked ?? false;
    const guard = (work: () => void) => options.guard('room', work, () => this.end());
    this.presence = new Presence({ now, guard, tell: (clients) => this.#tellPresence(clients) });
    this.uploads = new UploadWatch({ now, guard, ask: () => this.#askForFrame() });
    this.#paramsPace = new Pace({ everyMs: TELL_PARAMS_EVERY_MS, now, guard, tell: () => this.#tellParams() });
  }

  get size(): number {
    return this.#members.size;
  }

  /** Whether only the owner draws. */
  get isLocked(): boolean {
    return this.#isLocked;
  }

  /** The number of the member whose camera is shown; null for nobody's. */
  get presenter(): number | null {
    return this.#presenter;
  }

  /** Whether it changed since its record was taken. */
  get isUnsaved(): boolean {
    return this.#isUnsaved;
  }

  /** What to make it of again. */
  takeRecord(): RoomRecord {
    this.#isUnsaved = false;
    const { params, rendered } = this.canvas.saved;
    return { doc: this.drawing.toSave(), params, isLocked: this.#isLocked, image: rendered };
  }

  // ── members ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Makes a number free for one who enters with it, if it may have it. A viewer may not have one that somebody draws under,
   * and nobody one that somebody above them has, also while that one is away.
   */
  claimNumber(client: number, role: Role): boolean {
    const above = (other: Role) => RANKS.indexOf(other) > RANKS.indexOf(role);
    const holder = [...this.#members.values()].find((member) => member.client === client);
    if (holder && !RANKS.slice(0, RANKS.indexOf(role)).includes(holder.role)) return false;
    if (role === 'viewer' && this.drawing.hasAuthor(client)) return false;
    if (above(this.#held.get(client) ?? 'viewer')) return false;
    holder?.channel.close(CLOSE.tryAgainLater, `the ${role} came back under the number ${client}`);
    return true;
  }

  #remember({ client, role }: Member): void {
    if (role === 'viewer') return;
    this.#held.delete(client);
    this.#held.set(client, role);
    for (const oldest of this.#held.keys()) {
      if (this.#held.size <= MAX_REMEMBERED) break;
      this.#held.delete(oldest);
    }
  }

  /** A member that has still to join. */
  createMember({ role, edit, view }: RoomAddress, client: number, channel: Channel): Member {
    const { maxDocBytes, now } = this.#options;
    const summary = { member: ++this.#lastMember, role, ...(edit && { edit }), view, maxDocBytes };
    return new Member({ home: this, summary, client, channel, now });
  }

  /** Tells a member all there is, and the others of it. */
  join(member: Member): void {
    this.#tell({ type: 'member', event: 'joined', members: [descriptionOf(member)] });
    this.#members.set(member.number, member);
    this.#remember(member);
    member.channel.send(this.#roleOf(member));
    if (!this.#isSafe) member.channel.send({ type: 'notice', saved: false });
    const here = [...this.#members.values()].map(descriptionOf);
    for (let from = 0; from < here.length; from += MEMBERS_A_MESSAGE) {
      const members = here.slice(from, from + MEMBERS_A_MESSAGE);
      member.channel.send({ type: 'member', event: 'here', members });
    }
    const presence = this.presence.messageOf();
    if (presence) member.outbox.sendPresence(presence, new Set());
    if (member.mayDraw) member.outbox.askState();
    const image = this.canvas.imageAgain();
    if (image) member.show(image);
    if (this.size === 1) this.canvas.wake(this);
    else this.canvas.offer();
  }

  leave(member: Member): void {
    if (this.#members.delete(member.number)) this.#tellLeft(member);
    if (this.size > 0) return this.canvas.offer();
    this.canvas.rest();
    this.uploads.stop();
    this.#paramsPace.stop();
    this.#options.onEmpty(this);
  }

  /** Closes the connections of all its members, after a fault. */
  end(): void {
    this.uploads.stop();
    for (const { channel } of [...this.#members.values()]) channel.close(CLOSE.internal, 'the room failed');
  }

  #tellLeft(member: Member): void {
    this.presence.delete(member.client);
    this.#tell({ type: 'member', event: 'left', members: [descriptionOf(member)] });
    if (this.#presenter === member.number) this.#change({ presenter: null });
  }

  handleRoleRequest(member: Member, request: RoleRequestMessage): void {
    const refusal = this.#roleRefusal(member, request);
    if (refusal) return member.fail(new FrameError('forbidden', refusal));
    this.#change(request);
  }

  #roleRefusal(member: Member, { locked, presenter }: RoleRequestMessage): string | undefined {
    if (locked !== undefined && member.role !== 'owner') return 'only the owner may lock the room';
    if (presenter === undefined) return undefined;
    const isOthers = this.#presenter !== null && this.#presenter !== member.number;
    if (isOthers && member.role !== 'owner') return 'somebody else presents: only the owner may change that';
    if (presenter === null) return undefined;
    if (!member.mayDraw) return 'who may not draw here may not choose who presents';
    return this.#members.get(presenter)?.mayDraw ? undefined : `member ${presenter} is not here or may not draw`;
  }

  #change({ locked = this.#isLocked, presenter = this.#presenter }: Omit<RoleRequestMessage, 'type'>): void {
    const couldDraw = [...this.#members.values()].filter(({ mayDraw }) => mayDraw);
    this.#isUnsaved ||= locked !== this.#isLocked;
    this.#isLocked = locked;
    const presents = presenter !== null && this.#members.get(presenter)?.mayDraw;
    this.#presenter = presents ? presenter : null;
    for (const member of this.#members.values()) {
      member.outbox.sendLatest(this.#roleOf(member));
      // What it drew before it heard that it might not is taken now.
      if (member.mayDraw && !couldDraw.includes(member)) member.outbox.askState();
    }
    this.uploads.check();
  }

  #roleOf({ role }: Member): RoleMessage {
    return { type: 'role', role, locked: this.#isLocked, presenter: this.#presenter };
  }

  /** Whether what is drawn here is being saved: everybody hears when it is not, and when it is again. */
  tellSafe(isSafe: boolean): void {
    if (isSafe === this.#isSafe) return;
    this.#isSafe = isSafe;
    const message: NoticeMessage = { type: 'notice', saved: isSafe };
    for (const { outbox } of this.#members.values()) outbox.sendLatest(message);
  }

  #tell(message: ServerMessage): void {
    for (const { channel } of this.#members.values()) channel.send(message);
  }

  // ── drawing ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #drawingOnChange({ update, before, by }: Change): void {
    this.#isUnsaved = true;
    const messages = toChunks('update', update);
    for (const member of this.#members.values()) {
      if (member !== by) member.outbox.sendChange(messages, before);
    }
    this.uploads.edited();
  }

  #tellPresence(clients: ReadonlySet<number>): void {
    const message = this.presence.messageOf(clients);
    if (!message) return;
    for (const { outbox } of this.#members.values()) outbox.sendPresence(message, clients);
  }

  /** Asks one who may draw, and another the next time. */
  #askForFrame(): boolean {
    if (this.#presenter !== null) return false;
    const member = [...this.#members.values()].find(({ mayDraw, outbox }) => mayDraw && outbox.isSynced);
    if (!member) return false;
    this.#members.delete(member.number);
    this.#members.set(member.number, member);
    member.channel.send({ type: 'upload' });
    return true;
  }

  // ── frames and images ─────────────────────────────────────────────────────────────────────────────────────────────

  takeFrame(frame: SentFrame, showsAll: boolean): void {
    this.canvas.takeFrame(frame);
    this.uploads.framed(showsAll);
  }

  /** @throws ParamsError when the patch is none */
  changeParams({ number, channel }: Member, patch: unknown): void {
    this.canvas.changeParams(patch);
    this.#isUnsaved = true;
    this.#paramsBy = number;
    const { version, params } = this.canvas;
    channel.send({ type: 'params', version, params, member: number });
    this.#paramsPace.due();
  }

  /** To all but their last author, whose answer had them all. */
  #tellParams(): void {
    const { version, params } = this.canvas;
    const message: ParamsMessage = { type: 'params', version, params, member: this.#paramsBy };
    for (const { number, outbox } of this.#members.values()) if (number !== this.#paramsBy) outbox.sendLatest(message);
  }

  /** A slow reader holds up nobody: the canvas goes on while one has room. */
  get isFull(): boolean {
    for (const { channel } of this.#members.values()) if (!channel.isFull) return false;
    return true;
  }

  show(image: OutgoingImage): void {
    this.#isUnsaved = true;
    for (const member of this.#members.values()) member.show(image);
  }

  handleDropped({ member, seq }: ReceivedFrame, reason: DropReason): void {
    this.#members.get(member!)?.channel.tellDropped(seq, reason);
  }

  handleFailed(frame: ReceivedFrame | undefined, error: FrameError): void {
    if (frame) return this.#members.get(frame.member!)?.fail(error, frame.seq);
    for (const member of this.#members.values()) member.fail(error);
  }
}

function descriptionOf({ number, client, role }: Member): MemberMessage['members'][number] {
  return { member: number, client, role };
}

/** What is out of range by now is as for a new room. */
function savedCanvas({ params, image }: RoomRecord, { initialParams, ranges }: CanvasOptions): SavedCanvas {
  const rendered = image && { ...image, timing: NO_TIMING, fingerprint: undefined };
  try {
    return { params: applyParams(initialParams, params, ranges), rendered };
  } catch {
    return { params: initialParams, rendered };
  }
}
