import { defineElements } from './define-elements.js';
import type { RoomParts } from '../controllers/room-controller.js';
import { copyDrawing } from '../drawing/copy-drawing.js';
import { Room } from '../room/room.js';
import { loadSelf, passFor } from '../room/self.js';
import { ROOM_STRINGS } from './strings/rooms.js';
import { UnderpaintCursors } from './underpaint-cursors/underpaint-cursors.js';
import { UnderpaintInvite } from './underpaint-invite/underpaint-invite.js';
import { UnderpaintLost } from './underpaint-lost/underpaint-lost.js';
import { UnderpaintPeople } from './underpaint-people/underpaint-people.js';
import { UnderpaintRoom } from './underpaint-room/underpaint-room.js';
import { StudioInRoom } from './underpaint-studio/studio-in-room.js';

/*
 * The code that only rooms need. It is loaded when the first room is entered, so drawing alone loads none of it.
 */
export const openRoom: RoomParts['openRoom'] = ({ name, guests = ROOM_STRINGS.guests, ...options }) =>
  new Room({ ...options, pass: passFor(options.key), self: loadSelf({ name, guests }) });

export { copyDrawing, StudioInRoom };

/** The tags that only rooms use, with their classes. */
export const ROOM_ELEMENTS = {
  'underpaint-cursors': UnderpaintCursors,
  'underpaint-invite': UnderpaintInvite,
  'underpaint-lost': UnderpaintLost,
  'underpaint-people': UnderpaintPeople,
  'underpaint-room': UnderpaintRoom,
} as const;

defineElements(ROOM_ELEMENTS);
