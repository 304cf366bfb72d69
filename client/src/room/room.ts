import {
  UploadRule,
  type DocMessage,
  type Member,
  type MemberMessage,
  type Role,
  type RoleMessage,
  type RoomSummary,
  type WelcomeMessage,
} from '@underpaint/shared';
import type { FrameLabel, FromRoom, RoomLink, RoomPort, ToRoom } from '../stream/room-link.js';
import { TypedEventTarget } from '../stream/typed-event-target.js';
import { DocSync } from './doc-sync.js';
import { PERSON_COLOURS, Presence, type PersonState } from './presence.js';
import { RoomDrawing } from './room-drawing.js';

/** Somebody in the room. */
export interface Person extends Member {
  readonly state: PersonState | null;
  readonly isSelf: boolean;
}

export interface RoomEvents {
  /** Roles or members are others. */
  change: Event;
  /** What somebody lets know of themselves is another. */
  presence: Event;
  joined: CustomEvent<readonly Person[]>;
  left: CustomEvent<readonly Person[]>;
  /** The server does not take what was drawn here: this drawing will not become like that of the others any more. */
  refused: Event;
  /** Somebody else's camera is shown; `detail` is null for nobody's. */
  presenterchange: CustomEvent<Person | null>;
  /** Somebody else changed the words. */
  wordschange: CustomEvent<Person>;
}

export interface RoomOptions {
  readonly key: string;
  /** `owner` makes the room when there is none. */
  readonly role?: Role | undefined;
  readonly self: PersonState;
  readonly now?: () => number;
}

/** One person's place in a room: the shared drawing, who else is there, and what each may do. */
export class Room extends TypedEventTarget<RoomEvents> implements RoomLink {
  readonly drawing = new RoomDrawing();
  readonly presence: Presence;
  readonly hello: RoomLink['hello'];
  /** Whether the person here looks at sketch and picture as the presenter does. */
  isFollowing = true;
  readonly #sync = new DocSync(this.drawing.doc, (message) => this.#send(message));
  readonly #rule = new UploadRule();
  readonly #now: () => number;
  readonly #members = new Map<number, Member>();
  #port: RoomPort | null = null;
  #summary: RoomSummary | null = null;
  #status: Omit<RoleMessage, 'type'>;
  /** Payloads of the drawing that are on the canvas. */
  #painted = 0;
  #isUploadDue = false;
  #showsCamera = false;
  #toldPresenter: number | null = null;
  #isSaved = true;

  constructor({ key, role, self, now = () => performance.now() }: RoomOptions) {
    super();
    this.#now = now;
    // Until the room was entered nobody draws in it but who makes it.
    this.#status = { role: role ?? 'viewer', locked: false, presenter: null };
    this.drawing.isEditable = this.canEdit;
    this.hello = { room: key, ...(role === undefined ? {} : { role }), doc: this.drawing.doc.clientID };
    this.presence = new Presence(this.drawing.doc, self, (data) => this.#send({ type: 'presence', data }));
    this.presence.addEventListener('change', () => this.dispatchEvent(new Event('presence')));
    this.drawing.doc.on('update', (_update: Uint8Array, origin: unknown) => {
      if (origin !== this.#sync) this.#edited();
    });
  }

  /** The keys that let others in; null before the room was entered. */
  get summary(): RoomSummary | null {
    return this.#summary;
  }

  get role(): Role {
    return this.#status.role;
  }

  get isLocked(): boolean {
    return this.#status.locked;
  }

  /** Whether the server keeps what is drawn here: not while its disk is full, for instance. */
  get isSaved(): boolean {
    return this.#isSaved;
  }

  /** Whether the person here may draw. */
  get canEdit(): boolean {
    return this.role === 'owner' || (this.role === 'editor' && !this.isLocked);
  }

  /** Whether the camera of the person here is to be uploaded, and not the drawing. For that one must be the presenter. */
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

  /** Who shows the camera; null for nobody. */
  get presenter(): Person | null {
    const { presenter } = this.#status;
    return presenter === null ? null : this.#person(presenter);
  }

  /** Everybody in the room, the person here first. */
  get people(): readonly Person[] {
    const people = [...this.#members.keys()].flatMap((member) => this.#person(member) ?? []);
    return people.toSorted((a, b) => Number(b.isSelf) - Number(a.isSelf) || a.member - b.member);
  }

  setLocked(locked: boolean): void {
    this.#send({ type: 'role', locked });
  }

  /** Takes the presenter's place, hands it to somebody, or gives it up. */
  setPresenter(member: number | null): void {
    this.#send({ type: 'role', presenter: member });
  }

  /** The canvas shows the drawing as it is now. */
  painted({ isPenDown }: { readonly isPenDown: boolean }): void {
    if (isPenDown !== this.presence.own.isDrawing) this.presence.set({ isDrawing: isPenDown });
    this.#painted = this.#sync.received;
    if (isPenDown) this.#rule.edited(this.#now());
    if (!(isPenDown || this.#isUploadDue) || this.label() === null) return;
    this.#isUploadDue = false;
    this.#port?.changed();
  }

  opened({ room }: WelcomeMessage, port: RoomPort): void {
    if (room === undefined) return;
    this.#port = port;
    // Who comes one after the other can be told apart; who comes back keeps the colour.
    if (this.#summary === null) this.presence.set({ colour: room.member % PERSON_COLOURS });
    this.#summary = room;
    this.#status = { role: room.role, locked: this.isLocked, presenter: null };
    this.#toldPresenter = null;
    this.#isSaved = true;
    this.#members.clear();
    this.#painted = 0;
    this.drawing.isEditable = this.canEdit;
    this.#sync.start();
    this.presence.tell();
    if (this.#showsCamera) this.#askForTurn();
    this.#changed();
  }

  closed(): void {
    this.#port = null;
    this.#sync.stop();
  }

  receive(message: FromRoom): void {
    switch (message.type) {
      case 'doc':
        return this.#handleDoc(message);
      case 'presence':
        return this.presence.receive(message.data);
      case 'role':
        return this.#handleRole(message);
      case 'member':
        return this.#handleMembers(message);
      case 'notice':
        this.#isSaved = message.saved;
        return this.#changed();
      case 'upload':
        return this.#uploadOncePainted();
    }
  }

  refused(): void {
    this.dispatchEvent(new Event('refused'));
  }

  wordsChangedBy(member: number): void {
    const person = this.#person(member);
    if (person !== null) this.dispatchEvent(new CustomEvent('wordschange', { detail: person }));
  }

  label(): FrameLabel | null {
    if (this.#showsCamera) return this.isPresenter ? { camera: true } : null;
    const isOthersTurn = this.#status.presenter !== null && !this.isPresenter;
    return isOthersTurn || !this.canEdit || !this.#sync.isSynced ? null : { doc: this.#painted };
  }

  close(): void {
    this.closed();
    this.presence.close();
    this.drawing.doc.destroy();
  }

  #handleDoc(message: DocMessage): void {
    const outcome = this.#sync.receive(message);
    if (outcome === null) return;
    if (outcome === 'delivered') this.#rule.edited(this.#now());
    // A room that nobody has drawn in needs the empty sketch, for the words to act on.
    if (outcome !== 'arrived' || this.#rule.arrived(this.#now())) this.#uploadOncePainted();
    else this.drawing.refresh();
  }

  #handleRole({ role, locked, presenter }: RoleMessage): void {
    this.#status = { role, locked, presenter };
    this.drawing.isEditable = this.canEdit;
    if (!this.canEdit) this.#sync.pause();
    this.#tellPresenter();
    this.#changed();
  }

  #handleMembers({ event, members }: MemberMessage): void {
    const people = () => members.flatMap(({ member }) => this.#person(member) ?? []);
    if (event === 'left') {
      const gone = people();
      for (const { member } of members) this.#members.delete(member);
      this.dispatchEvent(new CustomEvent('left', { detail: gone }));
      this.presence.forget(members.map(({ client }) => client));
    } else {
      for (const member of members) this.#members.set(member.member, member);
      if (event === 'joined') this.dispatchEvent(new CustomEvent('joined', { detail: people() }));
      this.#tellPresenter();
    }
    this.#changed();
  }

  #person(member: number): Person | null {
    const found = this.#members.get(member);
    if (found === undefined) return null;
    return { ...found, state: this.presence.of(found.client), isSelf: member === this.#summary?.member };
  }

  /** Who enters hears the number of the presenter before it hears who that is. */
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

  #edited(): void {
    this.#rule.edited(this.#now());
    this.#uploadOncePainted();
  }

  /** What is uploaded shows everything that came before. */
  #uploadOncePainted(): void {
    this.#isUploadDue = true;
    this.drawing.refresh();
  }

  #send(message: ToRoom): boolean {
    return this.#port?.send(message) ?? false;
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
