import {
  toChunks,
  type DropReason,
  type MemberMessage,
  type RoleRequestMessage,
  type ServerMessage,
} from '@underpaint/shared';
import { Canvas, type Audience, type CanvasOptions } from '../canvas.js';
import { FrameError } from '../errors.js';
import type { OutgoingImage, ReceivedFrame } from '../frames.js';
import type { Conversation } from '../participant.js';
import type { RoomAddress } from './address.js';
import { Drawing, type Change } from './drawing.js';
import { Member, type Home } from './member.js';
import { Presence } from './presence.js';
import { UploadWatch } from './upload-watch.js';

export interface RoomOptions {
  readonly canvas: CanvasOptions;
  readonly maxDocBytes: number;
  readonly now: () => number;
  /** The last member left. */
  readonly onEmpty: () => void;
}

/** A canvas that several people share: one drawing, one set of parameters, one picture. */
export class Room implements Audience, Home {
  readonly canvas: Canvas;
  readonly drawing: Drawing;
  readonly presence: Presence;
  readonly uploads: UploadWatch;
  readonly #options: RoomOptions;
  /** In the order in which they are asked for a frame. */
  readonly #members = new Map<number, Member>();
  #lastMember = 0;
  #isLocked = false;
  #presenter: number | null = null;

  constructor(options: RoomOptions) {
    const { canvas, maxDocBytes, now } = options;
    this.#options = options;
    this.canvas = new Canvas(canvas);
    this.drawing = new Drawing({ maxBytes: maxDocBytes, now, onChange: (change) => this.#drawingOnChange(change) });
    this.presence = new Presence({ now, tell: (clients) => this.#tellPresence(clients) });
    this.uploads = new UploadWatch({ now, ask: () => this.#askForFrame() });
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

  // ── members ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Whether a member draws under this number. */
  hasClient(client: number): boolean {
    return [...this.#members.values()].some((member) => member.client === client);
  }

  /** A member that has still to join. */
  createMember({ role, edit, view }: RoomAddress, client: number, conversation: Conversation): Member {
    const { maxDocBytes } = this.#options;
    const summary = { member: ++this.#lastMember, role, ...(edit && { edit }), view, maxDocBytes };
    return new Member({ home: this, summary, client, conversation });
  }

  /** Tells a member all there is, and the others of it. */
  join(member: Member): void {
    this.#tell({ type: 'member', event: 'joined', members: [descriptionOf(member)] });
    this.#members.set(member.number, member);
    this.#tellRole(member);
    const here = { type: 'member', event: 'here', members: [...this.#members.values()].map(descriptionOf) } as const;
    member.conversation.send(here);
    const presence = this.presence.messageOf();
    if (presence) member.conversation.send(presence);
    if (member.mayDraw) member.outbox.askState();
    const image = this.canvas.imageAgain();
    if (image) member.show(image);
    if (this.size === 1) this.canvas.wake(this);
    else this.canvas.offer();
  }

  leave(member: Member): void {
    if (!this.#members.delete(member.number)) return;
    this.presence.delete(member.client);
    this.#tell({ type: 'member', event: 'left', members: [descriptionOf(member)] });
    if (this.#presenter === member.number) this.#change({ presenter: null });
    if (this.size > 0) return this.canvas.offer();
    this.canvas.rest();
    this.uploads.stop();
    this.#options.onEmpty();
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
    this.#isLocked = locked;
    const presents = presenter !== null && this.#members.get(presenter)?.mayDraw;
    this.#presenter = presents ? presenter : null;
    for (const member of this.#members.values()) {
      this.#tellRole(member);
      // What it drew before it heard that it might not is taken now.
      if (member.mayDraw && !couldDraw.includes(member)) member.outbox.askState();
    }
    this.uploads.check();
  }

  #tellRole(member: Member): void {
    const { role } = member;
    member.conversation.send({ type: 'role', role, locked: this.#isLocked, presenter: this.#presenter });
  }

  #tell(message: ServerMessage): void {
    for (const { conversation } of this.#members.values()) conversation.send(message);
  }

  // ── drawing ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #drawingOnChange({ update, before, by }: Change): void {
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
    member.conversation.send({ type: 'upload' });
    return true;
  }

  // ── frames and images ─────────────────────────────────────────────────────────────────────────────────────────────

  takeFrame(frame: Parameters<Canvas['takeFrame']>[0], showsAll: boolean): void {
    this.canvas.takeFrame(frame);
    this.uploads.framed(showsAll);
  }

  /** @throws ParamsError when the patch is none */
  changeParams({ number }: Member, patch: unknown): void {
    this.canvas.changeParams(patch);
    const { version, params } = this.canvas;
    this.#tell({ type: 'params', version, params, member: number });
  }

  /** A slow reader holds up nobody: the canvas goes on while one has room. */
  get isFull(): boolean {
    return [...this.#members.values()].every(({ conversation }) => conversation.isWindowFull);
  }

  show(image: OutgoingImage): void {
    for (const member of this.#members.values()) member.show(image);
  }

  handleDropped({ member, seq }: ReceivedFrame, reason: DropReason): void {
    this.#members.get(member!)?.conversation.tellDropped(seq, reason);
  }

  handleFailed(frame: ReceivedFrame | undefined, error: FrameError): void {
    if (frame) return this.#members.get(frame.member!)?.fail(error, frame.seq);
    for (const member of this.#members.values()) member.fail(error);
  }
}

function descriptionOf({ number, client, role }: Member): MemberMessage['members'][number] {
  return { member: number, client, role };
}
