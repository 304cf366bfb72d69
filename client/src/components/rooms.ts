import type { RoomParts } from '../controllers/room-controller.js';
import { Room } from '../room/room.js';
import { loadSelf } from '../room/self.js';

/*
 * Everything that only rooms need. It is imported when the first room is entered, and not before: who draws alone loads
 * nothing of it.
 */
export const openRoom: RoomParts['openRoom'] = ({ name, guests, ...options }) =>
  new Room({ ...options, self: loadSelf({ name, guests }) });
