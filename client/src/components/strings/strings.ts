import type { CameraStrings } from './camera.js';
import type { ExtraStrings } from './extras.js';
import type { HandStrings } from './hands.js';
import type { RoomStrings } from './rooms.js';
import type { StudioStrings } from './studio.js';

/** All texts of the elements. */
export type Strings = StudioStrings & HandStrings & ExtraStrings & RoomStrings & CameraStrings;

/** Texts in place of the English ones. Those that are missing stay English. */
export type Translation = Partial<Strings>;
