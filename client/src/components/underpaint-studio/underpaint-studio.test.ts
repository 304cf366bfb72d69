import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import '../../define.js';
import { FakeServer } from '../../stream/fake-server.fake.js';
import { STUDIO_STRINGS } from '../strings/studio.js';
import { nextFrames, onePixel, pointer } from '../testing.fake.js';
import type { UnderpaintStudio } from './underpaint-studio.js';

describe('<underpaint-studio>', () => {
  let server: FakeServer;
  let studio: UnderpaintStudio;

  beforeEach(async () => {
    server = new FakeServer();
    server.echo = true;
    studio = document.createElement('underpaint-studio');
    studio.starter = true;
    document.body.append(studio);
    await studio.updateComplete;
  });
  afterEach(() => {
    studio.remove();
    server.uninstall();
  });

  const find = <K extends keyof HTMLElementTagNameMap>(tag: K) => studio.renderRoot.querySelector(tag)!;
  const inside = (tag: keyof HTMLElementTagNameMap, selector: string) => find(tag).shadowRoot!.querySelector(selector)!;
  const framesSent = (count: number) =>
    vi.waitFor(() => expect(server.ofType('frame').length).toBeGreaterThanOrEqual(count));

  it('can be drawn on without a server', async () => {
    server.refusing = true;
    const canvas = inside('underpaint-sketch', 'canvas') as HTMLCanvasElement;
    await nextFrames();
    const before = canvas.toDataURL();
    pointer(canvas, 'pointerdown', { at: [0.2, 0.2] });
    pointer(canvas, 'pointerup', { at: [0.2, 0.2] });
    await nextFrames();
    expect(canvas.toDataURL()).not.toBe(before);
  });

  it('sends the starter drawing once and shows its picture', async () => {
    await framesSent(1);
    const canvas = inside('underpaint-view', 'canvas') as HTMLCanvasElement;
    await vi.waitFor(() => expect(canvas.hidden).toBe(false));
    expect(canvas.width).toBe(64);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(server.ofType('frame').length).toBeLessThanOrEqual(2);
    expect(server.ofType('ack').length).toBe(server.ofType('frame').length);
  });

  it.each([
    ['#ff8000', '#ff8000'],
    [undefined, 'landscape'],
  ])('has the sheet that the model says: %s', async (emptySheet, ground) => {
    await framesSent(1);
    expect(studio.sketch.ground).toBe('#ffffff');
    server.model = emptySheet === undefined ? {} : { emptySheet };
    server.close(1012);
    await vi.waitFor(() => expect(server.ofType('hello')).toHaveLength(2), { timeout: 5_000 });
    await vi.waitFor(() => expect(studio.sketch.ground).toBe(ground));
  });

  it('has white paper before the model is known', async () => {
    const other = Object.assign(document.createElement('underpaint-studio'), { server: 'ws://localhost/other' });
    server.welcome = false;
    document.body.append(other);
    await other.updateComplete;
    expect(other.sketch.ground).toBe('#ffffff');
    other.remove();
  });

  it('sends a frame for a stroke, with the next number', async () => {
    await framesSent(1);
    const before = server.ofType('frame').length;
    const canvas = inside('underpaint-sketch', 'canvas');
    pointer(canvas, 'pointerdown', { at: [0.2, 0.2] });
    pointer(canvas, 'pointermove', { at: [0.6, 0.2] });
    pointer(canvas, 'pointerup', { at: [0.6, 0.2] });
    await framesSent(before + 1);
    const sequence = server.ofType('frame').map((frame) => frame.seq);
    expect(sequence).toEqual(sequence.toSorted((a, b) => a - b));
  });

  it('shows the state of the connection in words', async () => {
    const spoken = () => inside('underpaint-status', '[role=status]').textContent;
    await vi.waitFor(() => expect(spoken()).toBe('Live'));
    server.refusing = true;
    server.close(1012);
    await vi.waitFor(() => expect(spoken()).toBe('Reconnecting'));
    server.refusing = false;
    await vi.waitFor(() => expect(spoken()).toBe('Live'), { timeout: 5_000 });
    server.close(4009);
    await vi.waitFor(() => expect(spoken()).toBe('Continued in another tab'));
  });

  it('says that the browser blocks the local network, and stops trying', async () => {
    const query = navigator.permissions.query.bind(navigator.permissions);
    vi.spyOn(navigator.permissions, 'query').mockImplementation((descriptor) =>
      (descriptor.name as string) === 'local-network-access'
        ? Promise.resolve({ state: 'denied' } as PermissionStatus)
        : query(descriptor),
    );
    server.refusing = true;
    const other = Object.assign(document.createElement('underpaint-studio'), { server: 'ws://192.168.0.7/ws' });
    document.body.append(other);
    await vi.waitFor(() => expect(other.client?.state).toMatchObject({ status: 'ended', code: 1 }));
    const status = other.renderRoot.querySelector('underpaint-status')!;
    await status.updateComplete;
    const words = status.shadowRoot!.querySelector('[role=status]')!.textContent;
    expect(words).toBe(STUDIO_STRINGS.ended(1));
    other.remove();
    vi.restoreAllMocks();
  });

  it('leaves the words with Escape, for the sheet', async () => {
    await framesSent(1);
    const words = inside('underpaint-controls', '.prompt input') as HTMLInputElement;
    words.focus();
    words.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, composed: true }));
    expect(studio.sketch.renderRoot.querySelector('canvas:focus')).not.toBeNull();
  });

  it('shows the place in line', async () => {
    server.welcome = false;
    await vi.waitFor(() => expect(server.ofType('hello')).toHaveLength(1));
    server.send({ type: 'waiting', position: 7 });
    await vi.waitFor(() => expect(inside('underpaint-status', '[role=status]').textContent).toBe('In line: 7'));
  });

  const notice = () => studio.renderRoot.querySelector('.notice')!.textContent;

  it('shows a failure, unless it is tried again', async () => {
    await framesSent(1);
    server.send({ type: 'error', code: 'worker-failed', message: 'too much', retryable: true, seq: 1 });
    server.send({ type: 'error', code: 'bad-image', message: 'not a picture', retryable: false, seq: 1 });
    await vi.waitFor(() => expect(notice()).toBe(STUDIO_STRINGS.failures['bad-image']));
  });

  it('shows the sentence of the site for words that it refuses, or else its own', async () => {
    await framesSent(1);
    for (const message of ['Only landscapes.', '']) {
      server.send({ type: 'error', code: 'prompt-refused', message, retryable: false });
      await vi.waitFor(() => expect(notice()).toBe(message || STUDIO_STRINGS.failures['prompt-refused']));
    }
  });

  it('removes a notice when it no longer applies', async () => {
    await framesSent(1);
    server.send({ type: 'error', code: 'bad-image', message: 'not a picture', retryable: false, seq: 1 });
    await vi.waitFor(() => expect(notice()).toBe(STUDIO_STRINGS.failures['bad-image']));
    server.close(1012);
    await vi.waitFor(() => expect(notice()).toBe(''));
  });

  it('shows notices over the picture, and never over controls', async () => {
    await framesSent(1);
    server.send({ type: 'error', code: 'bad-image', message: 'not a picture', retryable: false, seq: 1 });
    const pill = () => studio.renderRoot.querySelector('.notice span');
    for (const view of ['side', 'overlay', 'split', 'result'] as const) {
      studio.view = view;
      await studio.updateComplete;
      await vi.waitFor(() => expect(pill()).not.toBeNull());
      const [inner, outer] = [pill()!.getBoundingClientRect(), studio.result.getBoundingClientRect()];
      expect([inner.top >= outer.top, inner.bottom <= outer.bottom], view).toEqual([true, true]);
      expect([inner.left >= outer.left, inner.right <= outer.right], view).toEqual([true, true]);
    }
  });

  it('sends nothing on hold, and everything afterwards', async () => {
    await framesSent(1);
    await studio.perform('freeze');
    const before = server.received.length;
    const words = inside('underpaint-controls', '.prompt input') as HTMLInputElement;
    words.value = 'a calm sea';
    words.dispatchEvent(new InputEvent('input'));
    studio.sketch.drawing.add({ kind: 'fill', color: '#ff0000', opacity: 1, at: [9, 9] });
    await new Promise((resolve) => setTimeout(resolve, 400));
    // A picture that was on its way is acknowledged.
    expect(server.received.slice(before).filter(({ type }) => type !== 'ack')).toEqual([]);
    await studio.perform('freeze');
    await vi.waitFor(() => expect(server.ofType('params').at(-1)?.params).toEqual({ prompt: 'a calm sea' }));
  });

  it.each([
    ['underpaint-viewbar', '[aria-label=Save]', '.saves'],
    ['underpaint-status', '.readout', 'dl'],
  ] as const)('closes the menu of <%s> on Escape and on a press outside', async (tag, opener, menu) => {
    await framesSent(1);
    await vi.waitFor(() => expect(inside(tag, opener)).not.toBeNull(), { timeout: 5_000 });
    const isOpen = () => find(tag).shadowRoot!.querySelector(menu) !== null;
    for (const close of [
      () => document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true })),
      () => pointer(inside('underpaint-controls', '.knobs'), 'pointerdown', { at: [0.9, 0.9] }),
    ]) {
      await vi.waitFor(() => expect(inside(tag, opener).getAttribute('aria-disabled')).not.toBe('true'));
      (inside(tag, opener) as HTMLButtonElement).click();
      await vi.waitFor(() => expect(isOpen()).toBe(true));
      pointer(inside(tag, menu), 'pointerdown', { at: [0.5, 0.5] });
      await find(tag).updateComplete;
      expect(isOpen(), 'a press inside').toBe(true);
      close();
      await find(tag).updateComplete;
      expect(isOpen()).toBe(false);
    }
  });

  it.each(['.bar', '.tools', 'underpaint-controls', 'underpaint-sketch'])(
    'takes a file that is dropped on its %s',
    async (place) => {
      await framesSent(1);
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([await onePixel()], 'pixel.png', { type: 'image/png' }));
      const options = { dataTransfer, bubbles: true, composed: true, cancelable: true };
      const target = studio.renderRoot.querySelector(place)!;
      expect(target.dispatchEvent(new DragEvent('dragover', options)), 'the browser must not take it').toBe(false);
      expect(target.dispatchEvent(new DragEvent('drop', options))).toBe(false);
      await vi.waitFor(() => expect(studio.sketch.state.marks.at(-1)?.kind).toBe('picture'));
    },
  );

  it('does not navigate to a dropped file that is not a picture, and says so', async () => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(['no picture'], 'notes.txt', { type: 'text/plain' }));
    const drop = new DragEvent('drop', { dataTransfer, bubbles: true, composed: true, cancelable: true });
    expect(studio.renderRoot.querySelector('.bar')!.dispatchEvent(drop)).toBe(false);
    await vi.waitFor(() => expect(notice()).toBe(STUDIO_STRINGS.badPicture));
  });

  it('calls a token provider that is set late, and retries with it after a rejection', async () => {
    await framesSent(1);
    server.welcome = false;
    server.close(4003);
    await vi.waitFor(() => expect(server.ofType('hello')).toHaveLength(2));
    server.close(4003);
    await vi.waitFor(() => expect(studio.client?.state.status).toBe('ended'));
    server.welcome = true;
    studio.tokenProvider = () => 'let me in';
    await vi.waitFor(() => expect(server.ofType('hello').at(-1)?.token).toBe('let me in'));
  });

  it('keeps its connection and its drawing when it moves', async () => {
    await framesSent(1);
    const { marks } = studio.sketch.state;
    const place = document.createElement('div');
    document.body.append(place);
    place.append(studio);
    await studio.updateComplete;
    expect(studio.sketch.state.marks).toEqual(marks);
    expect(server.urls).toHaveLength(1);
    place.remove();
  });

  it('enters a room under its name, and shows the room’s drawing', async () => {
    await framesSent(1);
    expect(studio.sketch.state.marks.length, 'the starter').toBeGreaterThan(0);
    const [first] = server.ofType('hello');
    expect(first).not.toHaveProperty('room');
    studio.person = 'Ada';
    studio.room = 'some-key';
    await vi.waitFor(() => expect(server.ofType('hello').at(-1)?.room).toBe('some-key'), { timeout: 5_000 });
    const room = studio.currentRoom!;
    expect(server.ofType('hello').at(-1)).toMatchObject({ author: room.drawing.author });
    expect(room.presence.own.name).toBe('Ada');
    expect(studio.sketch.state.marks).toEqual([]);
    const uploads = server.ofType('frame').filter(({ drawn }) => drawn !== undefined);
    expect(uploads, 'nothing is uploaded yet').toEqual([]);
    studio.leave();
    await vi.waitFor(() => expect(server.ofType('hello')).toHaveLength(3));
    expect(server.ofType('hello').at(-1)).not.toHaveProperty('room');
    expect(studio.sketch.state.marks.length, 'its own drawing is back').toBeGreaterThan(0);
  });

  it('makes a room of its drawing with a random key', async () => {
    await framesSent(1);
    const marks = studio.sketch.state.marks.length;
    await studio.share();
    await vi.waitFor(() => expect(server.ofType('hello').at(-1)?.role).toBe('owner'), { timeout: 5_000 });
    const { room } = server.ofType('hello').at(-1)!;
    expect(room).toMatch(/^[\w-]{22}$/);
    expect(location.hash).toBe(`#room=${room}`);
    expect(studio.sketch.state.marks).toHaveLength(marks);
    studio.leave();
    expect(location.hash).toBe('');
  });

  it('closes its connection when it is removed', async () => {
    await framesSent(1);
    studio.remove();
    await vi.waitFor(() => expect(server.clientClosedWith).toBe(1000));
  });
});
