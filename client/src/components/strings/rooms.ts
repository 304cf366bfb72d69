import { STUDIO_STRINGS } from './studio.js';

/** The texts that only rooms need, beside those of the studio. */
export const ROOM_STRINGS = {
  ...STUDIO_STRINGS,
  /** The name of a person who has none. */
  somebody: 'Somebody',
  guests: ['Badger', 'Dormouse', 'Heron', 'Jackdaw', 'Kingfisher', 'Lynx', 'Marten', 'Otter', 'Puffin', 'Swift'],
  people: (count: number) => (count === 1 ? '1 person here' : `${count} people here`),
  yourName: 'Your name',
  roles: { owner: 'owner', editor: 'may draw', viewer: 'watches' },
  isDrawing: 'is drawing',
  presents: 'shows a camera',
  hand: 'Hand over',
  handTo: (name: string) => `Hand over the camera to ${name}`,
  lockRoom: 'Lock the sketch: only I can draw',
  isLocked: 'Locked',
  closeRoom: 'Close the room: nobody new can enter',
  isClosed: 'Closed',
  actionsFor: (name: string) => `What you can do about ${name}`,
  undoNewest: 'Undo the newest mark',
  undoAll: (count: number) => `Undo all marks (${count})`,
  removePerson: 'Remove from the room',
  removeHint: 'Nobody new can enter then, until you open the room again.',
  hasLeft: 'has left',
  isNotSaved: 'The server cannot save this room at the moment',
  youWatch: 'Watching',
  cameraOf: (name: string) => `Camera of ${name}`,
  showsCamera: (name: string) => `${name} is showing a camera.`,
  follow: 'Follow the view of the presenter',
  invitations: {
    edit: {
      title: 'Invite to draw',
      link: 'Link to draw together',
      code: 'QR code to draw together',
      copy: 'Copy link',
    },
    view: { title: 'Invite to watch', link: 'Link to watch', code: 'QR code to watch', copy: 'Copy view-only link' },
  },
  copied: 'Copied',
  leave: 'Leave the room',
  handedToYou: 'You can show your camera now.',
  youLeft: 'You left, and this drawing is now your own. The room lives on at its link.',
  youLeftLocked: 'You left. The room stays locked: until you return by your own link, nobody can draw in it.',
  roomLost: 'The server has no room at this link. This drawing is your own.',
  youWereRemoved: 'The owner removed you from the room. This drawing is now your own.',
  roomClosed: 'The owner lets nobody new into this room. This drawing is your own.',
  makeRoom: 'Make a new room of this drawing',
  joined: (names: readonly string[]) => `${inWords(names)} joined.`,
  left: (names: readonly string[]) => `${inWords(names)} left.`,
  changedWords: (name: string) => `${name} changed the words.`,
};

export type RoomStrings = Readonly<typeof ROOM_STRINGS>;

function inWords(names: readonly string[]): string {
  return names.length > 3 ? `${names.length} people` : names.join(', ').replace(/, (?=[^,]*$)/, ' and ');
}
