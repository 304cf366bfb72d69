import type { MemberMessage, MemberSummary, Role, RoleMessage, RoomSummary } from '@underpaint/shared';
import type { Lifted } from '../drawing/drawing.js';
import type { StreamLink } from '../stream/stream-link.js';
import { TypedEventTarget } from '../stream/typed-event-target.js';
import { Leavers } from './leavers.js';
import { moveOf, OthersLifts } from './lifts.js';
import { PERSON_COLOURS, Presence, type PersonState } from './presence.js';
import { RoomDrawing } from './room-drawing.js';
import { RoomLink } from './room-link.js';

/** A member of the room. */
export interface Person {
  /** The member's number, new on every connection. */
  readonly member: number;
  /** The author of the person's marks, and the key of their presence. */
  readonly author: number;
  readonly role: Role;
  /** Null until the person's first presence message. */
  readonly state: PersonState | null;
  readonly isSelf: boolean;
}

export interface RoomEvents {
  /** Roles or members have changed. */
  change: Event;
  /** A person's state has changed. */
  presence: Event;
  joined: CustomEvent<readonly Person[]>;
  left: CustomEvent<readonly Person[]>;
  /** The server rejected changes made here. This drawing can no longer become equal to the other members'. */
  refused: Event;
  /** Another camera is shown; `detail` is null for none. */
  presenterchange: CustomEvent<Person | null>;
  /** Another member changed the prompt. */
  wordschange: CustomEvent<Person>;
}

export interface RoomOptions {
  readonly key: string;
  /** `owner` makes the room if it does not exist. */
  readonly role?: Role | undefined;
  /** This person's secret: with it they come back into a room that was closed meanwhile. */
  readonly pass?: string | undefined;
  readonly self: PersonState;
  readonly now?: () => number;
}

/** One person's place in a room: the shared drawing, the other people, and everybody's rights. */
export class Room extends TypedEventTarget<RoomEvents> {
  readonly drawing = new RoomDrawing();
  readonly presence: Presence;
  /** Whether this person follows the presenter's view. */
  isFollowing = true;
  readonly #link: RoomLink;
  readonly #lifts = new OthersLifts();
  readonly #members = new Map<number, MemberSummary>();
  readonly #leavers = new Leavers<Person>();
  #summary: RoomSummary | null = null;
  #status: Omit<RoleMessage, 'type'>;
  #showsCamera = false;
  #toldPresenter: number | null = null;
  #isSaved = true;

  constructor({ key, role, pass, self, now = () => performance.now() }: RoomOptions) {
    super();
    // Only the maker of a room may draw before the server has let this person in.
    this.#status = { role: role ?? 'viewer', locked: false, closed: false, presenter: null };
    this.drawing.isEditable = this.canEdit;
    this.presence = new Presence(this.drawing, self, (data) => this.#link.send({ type: 'presence', data }));
    this.presence.addEventListener('change', () => this.#presenceChanged());
    this.drawing.addEventListener('lift', (event) => {
      this.presence.set({ move: moveOf((event as CustomEvent<Lifted | null>).detail) });
    });
    this.#link = new RoomLink({
      key,
      role,
      pass,
      drawing: this.drawing,
      now,
      listener: {
        entering: (room) => this.#entering(room),
        entered: () => this.#entered(),
        roleChanged: (message) => this.#roleChanged(message),
        membersChanged: (message) => this.#membersChanged(message),
        presenceChanged: (data) => this.presence.receive(data),
        savedChanged: (isSaved) => this.#savedChanged(isSaved),
        promptChangedBy: (member) => this.#promptChangedBy(member),
        rejected: () => this.dispatchEvent(new Event('refused')),
        uploads: () => this.#uploads(),
      },
    });
  }

  /** Connects this room to a stream. */
  get link(): StreamLink {
    return this.#link;
  }

  /** The room's keys for other people; null before this person was let in. */
  get summary(): RoomSummary | null {
    return this.#summary;
  }

  get role(): Role {
    return this.#status.role;
  }

  get isLocked(): boolean {
    return this.#status.locked;
  }

  /** Whether nobody new may enter. */
  get isClosed(): boolean {
    return this.#status.closed;
  }

  /** Whether the server can save the drawing. It cannot while its disk is full, for example. */
  get isSaved(): boolean {
    return this.#isSaved;
  }

  /** Whether this person may draw. */
  get canEdit(): boolean {
    return this.role === 'owner' || (this.role === 'editor' && !this.isLocked);
  }

  /** Whether to upload this person's camera instead of the drawing. Only the presenter's camera is uploaded. */
  get showsCamera(): boolean {
    return this.#showsCamera;
  }

  set showsCamera(showsCamera: boolean) {
    if (showsCamera === this.#showsCamera) return;
    this.#showsCamera = showsCamera;
    this.#askForTurn();
  }

  get isPresenter(): boolean {
    return this.#status.presenter !== null && this.#status.presenter === this.#summary?.member;
  }

  /** The person whose camera is shown; null for none. */
  get presenter(): Person | null {
    const { presenter } = this.#status;
    return presenter === null ? null : this.#person(presenter);
  }

  /** Everybody in the room, this person first. */
  get people(): readonly Person[] {
    return this.#peopleOf([...this.#members.keys()]).toSorted(
      (a, b) => Number(b.isSelf) - Number(a.isSelf) || a.member - b.member,
    );
  }

  /** People who left while this person was here, as long as there are marks of theirs. */
  get gone(): readonly Person[] {
    return this.#leavers.people.filter(({ author }) => this.drawing.marksOf(author).length > 0);
  }

  setLocked(locked: boolean): void {
    this.#link.send({ type: 'role', locked });
  }

  /** Lets nobody new in, or everybody who has a link. */
  setClosed(closed: boolean): void {
    this.#link.send({ type: 'role', closed });
  }

  /** Ends a member's connection and closes the room, because the person still has its link. */
  remove(member: number): void {
    this.#link.send({ type: 'role', remove: member });
  }

  /** Makes a member the presenter; null for nobody. */
  setPresenter(member: number | null): void {
    this.#link.send({ type: 'role', presenter: member });
  }

  /** The canvas shows the current drawing. */
  painted({ isPenDown, isMoving = false }: { readonly isPenDown: boolean; readonly isMoving?: boolean }): void {
    if (isPenDown !== this.presence.own.isDrawing) this.presence.set({ isDrawing: isPenDown });
    this.#link.painted(isPenDown || isMoving);
  }

  close(): void {
    this.#link.closed();
    this.presence.close();
    this.drawing.close();
  }

  #presenceChanged(): void {
    this.#showLifts();
    this.dispatchEvent(new Event('presence'));
  }

  #showLifts(): void {
    this.drawing.othersLifted = this.#lifts.of(
      this.people.filter(({ isSelf }) => !isSelf),
      this.drawing.state.marks,
    );
  }

  #entering(room: RoomSummary): void {
    this.#leavers.add(this.people);
    // Consecutive members get different colours. A member that reconnects keeps its colour.
    if (this.#summary === null) this.presence.set({ colour: room.member % PERSON_COLOURS });
    this.#summary = room;
    this.#status = { ...this.#status, role: room.role, presenter: null };
    this.#toldPresenter = null;
    this.#isSaved = true;
    this.#members.clear();
    this.drawing.isEditable = this.canEdit;
  }

  #entered(): void {
    this.presence.tell();
    if (this.#showsCamera) this.#askForTurn();
    this.#changed();
  }

  #roleChanged(message: RoleMessage): void {
    this.#status = message;
    this.drawing.isEditable = this.canEdit;
    if (!this.canEdit) this.#link.pause();
    this.#tellPresenter();
    this.#changed();
  }

  #membersChanged({ event, members }: MemberMessage): void {
    const numbers = members.map(({ member }) => member);
    if (event === 'left') {
      const gone = this.#peopleOf(numbers);
      this.#leavers.add(gone);
      for (const member of numbers) this.#members.delete(member);
      this.dispatchEvent(new CustomEvent('left', { detail: gone }));
      this.presence.forget(members.map(({ author }) => author));
      this.#showLifts();
    } else {
      for (const member of members) this.#members.set(member.member, member);
      this.#leavers.delete(members.map(({ author }) => author));
      if (event === 'joined') this.dispatchEvent(new CustomEvent('joined', { detail: this.#peopleOf(numbers) }));
      this.#tellPresenter();
    }
    this.#changed();
  }

  #savedChanged(isSaved: boolean): void {
    this.#isSaved = isSaved;
    this.#changed();
  }

  #promptChangedBy(member: number): void {
    const person = this.#person(member);
    if (person !== null) this.dispatchEvent(new CustomEvent('wordschange', { detail: person }));
  }

  #uploads(): 'drawing' | 'camera' | null {
    if (this.#showsCamera) return this.isPresenter ? 'camera' : null;
    const isOthersTurn = this.#status.presenter !== null && !this.isPresenter;
    return isOthersTurn || !this.canEdit ? null : 'drawing';
  }

  #person(member: number): Person | null {
    const found = this.#members.get(member);
    if (found === undefined) return null;
    const { author, role } = found;
    return { member, author, role, state: this.presence.of(author), isSelf: member === this.#summary?.member };
  }

  #peopleOf(members: readonly number[]): Person[] {
    return members.flatMap((member) => this.#person(member) ?? []);
  }

  /** A new member hears the presenter's number before it hears who that is. */
  #tellPresenter(): void {
    const { presenter } = this.#status;
    if (presenter === this.#toldPresenter || (presenter !== null && this.presenter === null)) return;
    this.#toldPresenter = presenter;
    this.dispatchEvent(new CustomEvent('presenterchange', { detail: this.presenter }));
  }

  #askForTurn(): void {
    const { presenter } = this.#status;
    if (this.#showsCamera && presenter === null) this.setPresenter(this.#summary?.member ?? null);
    if (!this.#showsCamera && this.isPresenter) this.setPresenter(null);
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
