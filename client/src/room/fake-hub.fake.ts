import {
  DrawingReader,
  splitDrawing,
  type Role,
  type RoomMessage,
  type RoomRequest,
  type WelcomeMessage,
} from '@underpaint/shared';
import * as Y from 'yjs';
import type { Room } from './room.js';

interface Seat {
  readonly room: Room;
  readonly author: number;
  readonly role: Role;
  readonly reader: DrawingReader;
}

/** Carries messages from a member to the hub (`up`) or from the hub to a member, in order. */
export type Carry = (way: 'up' | 'down', member: number, arrive: () => void) => void;

/** The server's half of a room: merges changes, relays messages and counts requested uploads. By default messages arrive at once. */
export class FakeHub {
  readonly document = new Y.Doc();
  readonly sent: { readonly member: number; readonly message: RoomRequest }[] = [];
  readonly uploads: number[] = [];
  readonly #seats = new Map<number, Seat>();
  readonly #carry: Carry;
  #last = 0;

  constructor(carry: Carry = (_way, _member, arrive) => arrive()) {
    this.#carry = carry;
  }

  enter(room: Room, role: Role = 'editor'): number {
    const member = ++this.#last;
    const seat = { room, author: room.link.hello.author!, role, reader: new DrawingReader() };
    const welcome = { room: { member, role, view: 'view-key', edit: 'edit-key', maxDrawingBytes: 1e6 } };
    this.#seats.set(member, seat);
    const port = {
      send: (message: RoomRequest) => {
        this.#carry('up', member, () => this.#receive(member, seat, message));
        return true;
      },
      changed: () => void this.uploads.push(member),
    };
    room.link.opened(welcome as unknown as WelcomeMessage, port);
    this.#tell(member, { type: 'member', event: 'here', members: this.#members() });
    if (role !== 'viewer') this.#ask(member);
    this.#toOthers(member, { type: 'member', event: 'joined', members: this.#members().slice(-1) });
    return member;
  }

  leave(member: number): void {
    const { room, author, role } = this.#seats.get(member)!;
    this.#seats.delete(member);
    room.link.closed();
    this.#toOthers(member, { type: 'member', event: 'left', members: [{ member, author, role }] });
  }

  #members() {
    return [...this.#seats].map(([member, { author, role }]) => ({ member, author, role }));
  }

  #receive(member: number, { reader, role }: Seat, message: RoomRequest): void {
    this.sent.push({ member, message });
    if (message.type === 'role') {
      const { locked = false, closed = false, presenter = null } = message;
      for (const [other, seat] of this.#seats) {
        this.#tell(other, { type: 'role', locked, closed, presenter, role: seat.role });
        if (seat.role !== 'viewer' && !message.locked) this.#ask(other);
      }
      return;
    }
    if (message.type === 'presence') return this.#toOthers(member, message);
    const data = reader.read(message);
    if (!(data instanceof Uint8Array)) return;
    if (message.kind === 'vector') {
      for (const chunk of splitDrawing('state', Y.encodeStateAsUpdate(this.document, data))) this.#tell(member, chunk);
    } else if (role !== 'viewer') {
      Y.applyUpdate(this.document, data);
      for (const chunk of splitDrawing('update', data)) this.#toOthers(member, chunk);
    }
  }

  #ask(member: number): void {
    for (const chunk of splitDrawing('vector', Y.encodeStateVector(this.document))) this.#tell(member, chunk);
  }

  #tell(member: number, message: RoomMessage): void {
    const { room } = this.#seats.get(member)!;
    this.#carry('down', member, () => room.link.receive(message));
  }

  #toOthers(member: number, message: RoomMessage): void {
    for (const other of this.#seats.keys()) if (other !== member) this.#tell(other, message);
  }
}
