import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ELEMENTS } from '../define.js';
import type { Room } from '../room/room.js';
import { FakeHub } from '../room/fake-hub.fake.js';
import { FakeServer } from '../stream/fake-server.fake.js';
import { StreamClient } from '../stream/stream-client.js';
import { EXTRA_ELEMENTS } from './extras.js';
import { openRoom, ROOM_ELEMENTS } from './rooms.js';
import { SKETCH_SHORTCUTS } from './shortcuts.js';
import { expectAccessible, nextFrames, onePixel } from './testing.fake.js';

const TAGS = Object.keys({ ...ELEMENTS, ...EXTRA_ELEMENTS, ...ROOM_ELEMENTS }) as (keyof HTMLElementTagNameMap)[];

/** The owner's view of a room of three people. The owner is the presenter. */
function room(): Room {
  const hub = new FakeHub();
  const [ada, ben, eve] = ['Ada', 'Ben', 'Eve'].map((name) => openRoom({ key: 'key', name, guests: [] }));
  hub.enter(ada!, 'owner');
  hub.enter(ben!);
  hub.enter(eve!, 'viewer');
  ben!.presence.set({ cursor: [0.3, 0.6], isDrawing: true });
  ada!.setPresenter(1);
  return ada!;
}

/** Gives an element all its content and opens its menus. */
async function unfold(element: HTMLElement, client: StreamClient): Promise<void> {
  const picture = await onePixel();
  const background = { blob: picture, opacity: 0.5 };
  const snapshots = [1, 2].map((id) => ({ id, name: '', at: 0, isKept: id === 1, picture, params: client.params }));
  Object.assign(element, { snapshots, shortcuts: SKETCH_SHORTCUTS, ready: true, background });
  if (element.localName !== 'underpaint-studio') Object.assign(element, { client });
  if (element.localName in ROOM_ELEMENTS) Object.assign(element, { room: room() });
  await nextFrames();
  if ('show' in element) (element as HTMLElementTagNameMap['underpaint-help' | 'underpaint-room']).show();
  for (const button of element.shadowRoot!.querySelectorAll<HTMLButtonElement>('[aria-expanded=false]')) button.click();
  await nextFrames();
}

describe('accessibility of every element', () => {
  let server: FakeServer;
  let client: StreamClient;

  beforeEach(async () => {
    server = new FakeServer();
    server.echo = true;
    client = new StreamClient({ url: 'ws://fake/ws' });
    client.connect();
    await vi.waitFor(() => expect(client.state.status).toBe('live'));
  });
  afterEach(() => {
    client.close();
    server.uninstall();
  });

  it.each(TAGS.flatMap((tag) => [[tag, 'light'] as const, [tag, 'dark'] as const]))(
    '<%s> in %s',
    async (tag, scheme) => {
      const element = document.createElement(tag);
      element.style.colorScheme = scheme;
      element.style.background = scheme === 'dark' ? '#141617' : '#f5f2ec';
      document.body.append(element);
      try {
        await unfold(element, client);
        await expectAccessible(element);
        const chatter = element.shadowRoot!.querySelectorAll('output:not([aria-live=off])');
        expect([...chatter], 'a value on its way is not announced').toEqual([]);
      } finally {
        element.remove();
      }
    },
  );
});
