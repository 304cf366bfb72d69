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

/** The server's half of a room, without a network: merges, relays, and counts the uploads asked for. */
export class FakeHub {
  readonly doc = new Y.Doc();
  readonly sent: { readonly member: number; readonly message: ToRoom }[] = [];
  readonly uploads: number[] = [];
  readonly #seats = new Map<number, Seat>();
  #last = 0;

  enter(room: Room, role: Role = 'editor'): number {
    const member = ++this.#last;
    const seat = { room, client: room.hello.doc!, role, reader: new ChunkReader() };
    const welcome = { room: { member, role, view: 'view-key', edit: 'edit-key', maxDocBytes: 1e6 } };
    this.#seats.set(member, seat);
    const port = {
      send: (message: ToRoom) => this.#receive(member, seat, message),
      changed: () => void this.uploads.push(member),
    };
    room.opened(welcome as unknown as WelcomeMessage, port);
    room.receive({ type: 'member', event: 'here', members: this.#members() });
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

  #receive(member: number, { room, reader }: Seat, message: ToRoom): boolean {
    this.sent.push({ member, message });
    if (message.type === 'role') {
      for (const [, seat] of this.#seats) {
        seat.room.receive({ locked: false, presenter: null, ...message, role: seat.role });
        if (seat.room.canEdit) this.#ask(seat.room);
      }
    } else if (message.type === 'presence') {
      this.#toOthers(member, message);
    } else {
      const data = reader.read(message);
      if (!(data instanceof Uint8Array)) return true;
      if (message.kind === 'vector') {
        for (const chunk of toChunks('state', Y.encodeStateAsUpdate(this.doc, data))) room.receive(chunk);
        if (room.canEdit) this.#ask(room);
      } else {
        Y.applyUpdate(this.doc, data);
        for (const chunk of toChunks('update', data)) this.#toOthers(member, chunk);
      }
    }
    return true;
  }

  #ask(room: Room): void {
    for (const chunk of toChunks('vector', Y.encodeStateVector(this.doc))) room.receive(chunk);
  }

  #toOthers(member: number, message: FromRoom): void {
    for (const [other, { room }] of this.#seats) if (other !== member) room.receive(message);
  }
}
