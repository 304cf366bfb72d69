import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cdp } from 'vitest/browser';
import '../define.js';
import type { DrawingState } from '../drawing/drawing.js';
import { saveSheet } from '../kept/sheets.js';
import { FakeServer } from '../stream/fake-server.fake.js';
import { nextFrames } from './testing.fake.js';
import type { UnderpaintStudio } from './underpaint-studio/underpaint-studio.js';

/** Collected in a task of its own, no element is kept by a pointer that lies on the stack by chance. */
declare const gc: (options: { type: 'major'; execution: 'async' }) => Promise<void>;

interface Protocol {
  send(name: 'Memory.getDOMCounters'): Promise<{ readonly nodes: number; readonly jsEventListeners: number }>;
}

const MOUNTS = 40;
const RED = '#ff0000';

describe('an element that enters, moves within and leaves the document', () => {
  let server: FakeServer;
  let place: HTMLElement;

  beforeEach(() => {
    server = new FakeServer();
    server.echo = true;
    place = document.createElement('div');
    document.body.append(place);
  });
  afterEach(() => {
    place.remove();
    server.uninstall();
    location.hash = '';
  });

  function mount(properties: Partial<UnderpaintStudio> = {}): UnderpaintStudio {
    const studio = Object.assign(document.createElement('underpaint-studio'), properties);
    place.append(studio);
    return studio;
  }

  const task = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));
  const live = (studio: UnderpaintStudio) =>
    vi.waitFor(() => expect(studio.client?.state.status).toBe('live'), { timeout: 10_000 });

  it('does not reconnect after it was removed, even if its properties change', async () => {
    const studio = mount();
    await live(studio);
    studio.remove();
    studio.prompt = 'hills';
    studio.server = 'ws://elsewhere/ws';
    await task(50);
    studio.strings = { ...studio.strings };
    await task(50);
    expect(server.openSockets).toBe(0);
    expect(studio.client).toBeNull();
  });

  it('does not reconnect after it was removed from a room, even while the room is being opened', async () => {
    const studio = mount({ room: 'some-key' });
    studio.remove();
    const other = mount({ room: 'some-key' });
    await live(other);
    other.remove();
    await task(100);
    other.person = 'Ada';
    await task(100);
    expect(server.openSockets).toBe(0);
    expect([studio.currentRoom, other.currentRoom]).toEqual([null, null]);
  });

  it('connects once when it is added, removed and added in one task', async () => {
    const studio = mount();
    studio.remove();
    place.append(studio);
    await live(studio);
    await task(50);
    expect(server.urls).toHaveLength(1);
    studio.remove();
    await studio.updateComplete;
    place.append(studio);
    await task(50);
    expect(server.urls, 'also when it was live').toHaveLength(1);
    expect(studio.client?.state.status).toBe('live');
  });

  it.each(['', 'some-key'])('keeps session, drawing and typed text when it moves (room "%s")', async (room) => {
    const studio = mount({ room, starter: true });
    await live(studio);
    const { client, currentRoom } = studio;
    const controls = studio.shadowRoot!.querySelector('underpaint-controls')!;
    await controls.updateComplete;
    const words = controls.shadowRoot!.querySelector<HTMLInputElement>('.prompt input')!;
    words.value = 'a quiet bay';
    words.dispatchEvent(new InputEvent('input'));
    const { marks } = studio.sketch.state;
    const elsewhere = document.createElement('div');
    place.append(elsewhere);
    elsewhere.append(studio);
    await vi.waitFor(() => expect(server.ofType('params').at(-1)?.params.prompt).toBe('a quiet bay'));
    await task(50);
    expect(studio.client).toBe(client);
    expect(studio.currentRoom).toBe(currentRoom);
    expect(server.urls).toHaveLength(1);
    expect(words.value).toBe('a quiet bay');
    expect(studio.sketch.state.marks).toEqual(marks);
  });

  it('connects again after it was away for a while, with its drawing', async () => {
    const studio = mount({ starter: true });
    await live(studio);
    const { marks } = studio.sketch.state;
    studio.remove();
    await task(50);
    expect(server.openSockets).toBe(0);
    place.append(studio);
    await live(studio);
    expect(server.openSockets).toBe(1);
    expect(studio.sketch.state.marks).toEqual(marks);
  });

  /** Removes a studio at one of five stages, from before it connects until it is live. */
  async function mountAndRemove(turn: number): Promise<WeakRef<UnderpaintStudio>> {
    const studio = mount({ starter: true, pageKeys: true, room: turn % 4 === 0 ? 'some-key' : '' });
    await studio.updateComplete;
    await task((turn % 5) * 10);
    studio.remove();
    return new WeakRef(studio);
  }

  it(`leaves nothing after ${MOUNTS} mounts and unmounts`, async () => {
    // The first ones load code and make style sheets and templates that all others share: one stays until it has all.
    const first = mount({ room: 'some-key' });
    await live(first);
    await vi.waitFor(() => expect(first.currentRoom).not.toBeNull());
    for (let i = 0; i < 10; i++) await mountAndRemove(i);
    first.remove();
    await task(200);
    server.forget();
    await gc({ type: 'major', execution: 'async' });
    const before = await domCounters();
    const studios: WeakRef<UnderpaintStudio>[] = [];
    for (let i = 0; i < MOUNTS; i++) studios.push(await mountAndRemove(i));
    await task(200);
    expect(server.openSockets).toBe(0);
    server.forget();
    const alive = () => studios.flatMap((studio, index) => (studio.deref() === undefined ? [] : index));
    const collected = async () => {
      await gc({ type: 'major', execution: 'async' });
      expect(alive()).toEqual([]);
      const { nodes, listeners } = await domCounters();
      // Not even one each.
      expect(Math.max(nodes - before.nodes, listeners - before.listeners)).toBeLessThan(MOUNTS / 2);
    };
    await vi.waitFor(collected, { timeout: 5_000, interval: 200 });
  });

  it('keeps no timer for an element that was removed while its client reconnects', async () => {
    const studio = mount();
    await live(studio);
    const status = Object.assign(document.createElement('underpaint-status'), { client: studio.client });
    place.append(status);
    server.refusing = true;
    server.send({ type: 'bye', code: 1012, reconnectAfterMs: 60_000 });
    server.close(1012);
    await vi.waitFor(() => expect(studio.client?.state.status).toBe('reconnecting'));
    await status.updateComplete;
    status.remove();
    status.requestUpdate();
    await status.updateComplete;
    const updates = vi.spyOn(status, 'requestUpdate');
    await task(1_200);
    expect(updates).not.toHaveBeenCalled();
  });

  it('opens no socket to the default address when its server comes late', async () => {
    place.innerHTML = '<underpaint-studio></underpaint-studio>';
    const studio = place.querySelector('underpaint-studio')!;
    await studio.updateComplete;
    studio.server = 'ws://late/ws';
    await live(studio);
    await task(50);
    expect(server.urls).toEqual(['ws://late/ws']);
  });

  it('connects when it comes near the screen, if it is to be lazy', async () => {
    const studio = mount({ loading: 'lazy' });
    studio.style.marginBlockStart = '5000px';
    await task(300);
    expect(server.urls).toEqual([]);
    studio.style.marginBlockStart = '0';
    await live(studio);
    studio.remove();
    await task(50);
    expect(server.openSockets).toBe(0);
  });

  it('applies a late starter while the sheet is untouched, and not afterwards', async () => {
    const [untouched, touched] = [mount(), mount()];
    await task(50);
    touched.sketch.drawing.add({ kind: 'fill', color: RED, opacity: 1, at: [9, 9] });
    untouched.starter = touched.starter = true;
    await task(50);
    expect(untouched.sketch.state.marks.length).toBeGreaterThan(3);
    expect(touched.sketch.state.marks).toHaveLength(1);
  });

  it('restores a saved drawing when `autosave` comes late, in place of the starter', async () => {
    await keepDrawing('late', { marks: [{ kind: 'fill', color: RED, opacity: 1, at: [9, 9] }], background: null });
    const studio = mount({ starter: true });
    await task(50);
    expect(studio.sketch.state.marks.length).toBeGreaterThan(3);
    studio.autosave = 'late';
    await vi.waitFor(() => expect(studio.sketch.state.marks).toHaveLength(1));
    expect(studio.sketch.drawing.canUndo, 'the starter was no work of the person').toBe(false);
  });

  it('restores a late saved drawing as a step to undo if the person has drawn meanwhile', async () => {
    await keepDrawing('later', { marks: [{ kind: 'fill', color: RED, opacity: 1, at: [9, 9] }], background: null });
    const studio = mount();
    await task(50);
    studio.sketch.drawing.add({ kind: 'line', color: RED, size: 3, opacity: 1, from: [0, 0], to: [9, 9] });
    studio.autosave = 'later';
    await vi.waitFor(() => expect(studio.sketch.state.marks[0]?.kind).toBe('fill'));
    studio.sketch.undo();
    expect(studio.sketch.state.marks[0]?.kind).toBe('line');
  });

  it('sends the drawing as it was restored as its first frame', async () => {
    await keepDrawing('first', {
      marks: [{ kind: 'rectangle', color: RED, size: 1, opacity: 1, from: [0, 0], to: [256, 256] }],
      background: null,
    });
    mount({ autosave: 'first', starter: true });
    await vi.waitFor(() => expect(server.ofType('frame').length).toBeGreaterThan(0));
    const [red, green] = await middleOf(server.ofType('frame')[0]!.data);
    expect([red! > 200, green! < 60]).toEqual([true, true]);
  });

  it('throws from no method before its first update', async () => {
    const before = document.createElement('underpaint-studio');
    const [sketch, webcam] = [document.createElement('underpaint-sketch'), document.createElement('underpaint-webcam')];
    const problems: unknown[] = [];
    const onProblem = (event: PromiseRejectionEvent) => problems.push(event.reason);
    addEventListener('unhandledrejection', onProblem);
    for (const command of ['freeze', 'snapshot', 'reuse', 'fullscreen', 'savePicture'] as const)
      void before.perform(command);
    void before.share();
    void before.showHelp();
    before.leave();
    sketch.undo();
    sketch.zoom(2);
    sketch.clear();
    const [drawn, shot, frame] = [sketch.toBlob(), webcam.toBlob(), sketch.source.capture({ width: 8, height: 8 })];
    const unsubscribe = webcam.source.subscribe!(() => undefined);
    void webcam.start('file', new Blob());
    webcam.stop();
    await task(50);
    place.append(before, sketch, webcam);
    expect((await drawn).size).toBeGreaterThan(0);
    expect((await shot).size).toBeGreaterThan(0);
    expect(await frame).toBeInstanceOf(Uint8Array);
    await nextFrames();
    unsubscribe();
    removeEventListener('unhandledrejection', onProblem);
    expect(problems).toEqual([]);
  });

  it('shows an error when its server is no address', async () => {
    const errors: string[] = [];
    const onError = (event: ErrorEvent) => errors.push(event.message);
    addEventListener('error', onError);
    const studio = mount({ server: 'https://' });
    await vi.waitFor(() => expect(studio.client?.state).toMatchObject({ status: 'ended', code: 0 }));
    await studio.updateComplete;
    expect(studio.shadowRoot!.querySelector('.notice')!.textContent).toContain('https://');
    removeEventListener('error', onError);
    expect(errors).toEqual([]);
  });
});

/** Of the whole page, after a collection. */
async function domCounters(): Promise<Record<'nodes' | 'listeners', number>> {
  await gc({ type: 'major', execution: 'async' });
  const { nodes, jsEventListeners: listeners } = await (cdp() as unknown as Protocol).send('Memory.getDOMCounters');
  return { nodes, listeners };
}

function keepDrawing(name: string, state: DrawingState): Promise<void> {
  const summary = { id: `sheet of ${name}`, name, savedAt: Date.now(), words: '', picture: null, settings: {} };
  return saveSheet({ ...summary, drawing: { state, past: [], future: [] } });
}

async function middleOf(jpeg: Uint8Array): Promise<number[]> {
  const bitmap = await createImageBitmap(new Blob([jpeg as Uint8Array<ArrayBuffer>]));
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  return [...context.getImageData(bitmap.width / 2, bitmap.height / 2, 1, 1).data];
}
