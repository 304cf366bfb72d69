import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import '../../define.js';
import { FakeServer } from '../../stream/fake-server.fake.js';
import { nextFrames, pointer } from '../testing.fake.js';
import type { UnderpaintStudio } from './underpaint-studio.js';

const EVENTS = ['status', 'error', 'params', 'view', 'input', 'room', 'notice', 'picture', 'drawing', 'share'] as const;

describe('what a page can bind', () => {
  let server: FakeServer;
  let studio: UnderpaintStudio;
  let told: { readonly name: string; readonly detail: unknown }[];

  beforeEach(() => {
    server = new FakeServer();
    server.echo = true;
    told = [];
  });
  afterEach(() => {
    studio.remove();
    server.uninstall();
    history.replaceState(null, '', location.pathname + location.search);
  });

  async function mount(properties: Partial<UnderpaintStudio> = {}): Promise<void> {
    studio = Object.assign(document.createElement('underpaint-studio'), properties);
    for (const name of EVENTS) {
      studio.addEventListener(`up-${name}`, (event) => told.push({ name, detail: (event as CustomEvent).detail }));
    }
    document.body.append(studio);
    await vi.waitFor(() => expect(studio.client?.state.status).toBe('live'), { timeout: 5_000 });
  }

  const details = (name: string) => told.filter((one) => one.name === name).map(({ detail }) => detail);
  const inside = (tag: string, selector: string) =>
    studio.shadowRoot!.querySelector(tag)!.shadowRoot!.querySelector<HTMLElement>(selector)!;

  it('is told every state that the studio changes itself, and not what the page sets', async () => {
    await mount({ view: 'split' });
    studio.view = 'overlay';
    await studio.updateComplete;
    expect(details('view')).toEqual([]);
    inside('underpaint-viewbar', 'button[aria-label="Picture alone"]').click();
    expect(details('view')).toEqual(['result']);
    expect(studio.view).toBe('result');
    studio.shadowRoot!.querySelector<HTMLElement>('.inputs button:last-child')!.click();
    expect(details('input')).toEqual(['webcam']);
    expect(details('status')).toMatchObject([{ status: 'connecting' }, { status: 'live' }]);
  });

  it('is told the parameters, and gets the words as `prompt`', async () => {
    await mount({ prompt: 'hills' });
    const words = inside('underpaint-controls', '.prompt input') as HTMLInputElement;
    words.value = 'a bay';
    words.dispatchEvent(new InputEvent('input'));
    expect(details('params').at(-1)).toMatchObject({ prompt: 'a bay' });
    expect([studio.prompt, studio.params.prompt]).toEqual(['a bay', 'a bay']);
    await vi.waitFor(() => expect(server.ofType('params').at(-1)?.params).toEqual({ prompt: 'a bay' }));
    const sent = server.ofType('params').length;
    studio.prompt = 'a bay';
    studio.params = { strength: 0.3 };
    await vi.waitFor(() => expect(server.ofType('params').at(-1)?.params).toEqual({ strength: 0.3 }));
    expect(server.ofType('params')).toHaveLength(sent + 1);
  });

  it('is told of pictures, drawings, errors and notices', async () => {
    await mount();
    await vi.waitFor(() => expect(details('picture')[0]).toBeInstanceOf(Blob));
    const canvas = inside('underpaint-sketch', 'canvas');
    const drawings = details('drawing').length;
    pointer(canvas, 'pointerdown', { at: [0.2, 0.2] });
    pointer(canvas, 'pointermove', { at: [0.6, 0.2] });
    await nextFrames();
    expect(details('drawing'), 'not while the pen is down').toHaveLength(drawings);
    pointer(canvas, 'pointerup', { at: [0.6, 0.2] });
    await vi.waitFor(() => expect(details('drawing')).toHaveLength(drawings + 1));
    server.send({ type: 'error', code: 'bad-image', message: 'no picture', retryable: false });
    expect(details('error')).toMatchObject([{ code: 'bad-image' }]);
    expect(details('notice')).toEqual(['The server could not read this picture. Try another one.']);
    await studio.sketch.setBackground(new Blob(['text']));
    expect(details('notice'), 'once').toHaveLength(2);
  });

  it('gives first values that the person may change', async () => {
    await mount({ defaultView: 'split', defaultPrompt: 'hills', defaultParams: { strength: 0.3, steps: 4 } });
    expect(studio.view).toBe('split');
    await vi.waitFor(() => {
      expect(server.ofType('params')[0]?.params).toEqual({ strength: 0.3, steps: 4, prompt: 'hills' });
    });
    inside('underpaint-viewbar', 'button[aria-label="Side by side"]').click();
    studio.strings = { ...studio.strings };
    await studio.updateComplete;
    expect(studio.view).toBe('side');
  });

  it('gives first values late, while nobody has chosen others', async () => {
    document.body.insertAdjacentHTML('beforeend', '<underpaint-studio></underpaint-studio>');
    studio = document.body.lastElementChild as UnderpaintStudio;
    await studio.updateComplete;
    studio.setAttribute('default-view', 'result');
    studio.setAttribute('default-params', '{"steps": 3}');
    studio.setAttribute('default-input', 'sketch');
    await vi.waitFor(() => expect(server.ofType('params')[0]?.params).toEqual({ steps: 3 }));
    expect(studio.view).toBe('result');
    studio.choose('view', 'side');
    studio.setAttribute('default-view', 'split');
    await studio.updateComplete;
    expect(studio.view).toBe('side');
  });

  it('is told the room that the studio makes and leaves', async () => {
    await mount();
    const shared = studio.share();
    await vi.waitFor(() => expect(details('room')).toEqual([expect.stringMatching(/^[\w-]{22}$/)]), { timeout: 5_000 });
    studio.leave();
    expect(details('room').at(-1)).toBe('');
    await shared;
  });
});

describe('the address of the page', () => {
  let server: FakeServer;
  const studios: UnderpaintStudio[] = [];

  beforeEach(() => (server = new FakeServer()));
  afterEach(async () => {
    for (const studio of studios.splice(0)) studio.remove();
    await new Promise((resolve) => setTimeout(resolve, 10));
    server.uninstall();
    history.replaceState(null, '', location.pathname + location.search);
  });

  async function mount(properties: Partial<UnderpaintStudio> = {}): Promise<UnderpaintStudio> {
    const studio = Object.assign(document.createElement('underpaint-studio'), properties);
    studios.push(studio);
    document.body.append(studio);
    await studio.updateComplete;
    return studio;
  }

  it('keeps the route of the page when a room is made and left', async () => {
    location.hash = '/gallery/3';
    const studio = await mount();
    await studio.share();
    expect(location.hash).toBe(`#/gallery/3?room=${studio.room}`);
    studio.leave();
    expect(location.hash).toBe('#/gallery/3');
  });

  it('is left alone if the page says so, also late', async () => {
    location.hash = 'room=some-key';
    const [never, late] = [await mount({ address: 'none' }), await mount()];
    expect([never.room, late.room]).toEqual(['', 'some-key']);
    late.address = 'none';
    await late.updateComplete;
    expect(late.room).toBe('');
    await never.share();
    expect(location.hash).toBe('#room=some-key');
  });

  it('has one key for each studio', async () => {
    location.hash = 'left=first&right=second';
    const [left, right] = [await mount({ roomKey: 'left' }), await mount({ roomKey: 'right' })];
    expect([left.room, right.room]).toEqual(['first', 'second']);
    left.leave();
    await left.updateComplete;
    expect(location.hash).toBe('#right=second');
    location.hash = 'left=third&right=second';
    await vi.waitFor(() => expect(left.room).toBe('third'));
    expect(right.room).toBe('second');
  });

  it('belongs to the first studio, so that two do not enter one room', async () => {
    location.hash = 'room=some-key';
    const [first, second] = [await mount(), await mount()];
    expect([first.room, second.room]).toEqual(['some-key', '']);
  });

  it('goes before a first room, and after a room that the page has chosen', async () => {
    location.hash = 'room=linked';
    expect((await mount({ defaultRoom: 'first' })).room).toBe('linked');
    studios[0]!.remove();
    await new Promise((resolve) => setTimeout(resolve, 10));
    const chosen = await mount({ room: 'chosen' });
    expect(chosen.room).toBe('chosen');
    chosen.leave();
    expect(location.hash, 'the key was never its own').toBe('#room=linked');
  });

  it('is given to the page as links, and a page may show them itself', async () => {
    const studio = await mount({ address: 'none', roomLink: (key) => `https://shop.example/draw/${key}` });
    let room: unknown;
    studio.addEventListener('up-share', (event) => {
      event.preventDefault();
      room = event.detail.room;
    });
    await studio.share();
    expect(room).toBe(studio.room);
    const dialog = studio.shadowRoot!.querySelector('underpaint-room')!.shadowRoot!.querySelector('dialog')!;
    expect(dialog.open).toBe(false);
  });
});
