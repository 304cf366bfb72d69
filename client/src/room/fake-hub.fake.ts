import { ChunkReader, toChunks, type Role, type WelcomeMessage } from '@underpaint/shared';
import * as Y from 'yjs';
import type { FromRoom, ToRoom } from '../stream/room-link.js';
import type { Room } from './room.js';

interface Seat {
  readonly room: Room;
  readonly client: number;
  readonly role: Role;
  readonly reader: ChunkReader;
}

/** How something gets from a member to the hub (`up`) or from the hub to it, in order. */
export type Carry = (way: 'up' | 'down', member: number, arrive: () => void) => void;

/** The server's half of a room: merges, relays, and counts the uploads asked for. Without a network to carry things they arrive at once. */
export class FakeHub {
  readonly doc = new Y.Doc();
  readonly sent: { readonly member: number; readonly message: ToRoom }[] = [];
  readonly uploads: number[] = [];
  readonly #seats = new Map<number, Seat>();
  readonly #carry: Carry;
  #last = 0;

  constructor(carry: Carry = (_way, _member, arrive) => arrive()) {
    this.#carry = carry;
  }

  enter(room: Room, role: Role = 'editor'): number {
    const member = ++this.#last;
    const seat = { room, client: room.hello.doc!, role, reader: new ChunkReader() };
    const welcome = { room: { member, role, view: 'view-key', edit: 'edit-key', maxDocBytes: 1e6 } };
    this.#seats.set(member, seat);
    const port = {
      send: (message: ToRoom) => {
        this.#carry('up', member, () => this.#receive(member, seat, message));
        return true;
      },
      changed: () => void this.uploads.push(member),
    };
    room.opened(welcome as unknown as WelcomeMessage, port);
    this.#tell(member, { type: 'member', event: 'here', members: this.#members() });
    if (role !== 'viewer') this.#ask(member);
    this.#toOthers(member, { type: 'member', event: 'joined', members: this.#members().slice(-1) });
    return member;
  }

  leave(member: number): void {
    const { room, client, role } = this.#seats.get(member)!;
    this.#seats.delete(member);
    room.closed();
    this.#toOthers(member, { type: 'member', event: 'left', members: [{ member, client, role }] });
  }

  #members() {
    return [...this.#seats].map(([member, { client, role }]) => ({ member, client, role }));
  }

  #receive(member: number, { reader, role }: Seat, message: ToRoom): void {
    this.sent.push({ member, message });
    if (message.type === 'role') {
      for (const [other, seat] of this.#seats) {
        this.#tell(other, { locked: false, presenter: null, ...message, role: seat.role });
        if (seat.role !== 'viewer' && !message.locked) this.#ask(other);
      }
      return;
    }
    if (message.type === 'presence') return this.#toOthers(member, message);
    const data = reader.read(message);
    if (!(data instanceof Uint8Array)) return;
    if (message.kind === 'vector') {
      for (const chunk of toChunks('state', Y.encodeStateAsUpdate(this.doc, data))) this.#tell(member, chunk);
    } else if (role !== 'viewer') {
      Y.applyUpdate(this.doc, data);
      for (const chunk of toChunks('update', data)) this.#toOthers(member, chunk);
    }
  }

  #ask(member: number): void {
    for (const chunk of toChunks('vector', Y.encodeStateVector(this.doc))) this.#tell(member, chunk);
  }

  #tell(member: number, message: FromRoom): void {
    const { room } = this.#seats.get(member)!;
    this.#carry('down', member, () => room.receive(message));
  }

  #toOthers(member: number, message: FromRoom): void {
    for (const other of this.#seats.keys()) if (other !== member) this.#tell(other, message);
  }
}
