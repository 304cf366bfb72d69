import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import '../../define.js';
import { translation as de } from '../languages/de.js';
import { translation as es } from '../languages/es.js';
import { translation as fr } from '../languages/fr.js';
import { translation as ja } from '../languages/ja.js';
import { translation as zh } from '../languages/zh.js';
import { colourLook } from '../../drawing/colour-look.js';
import { FakeServer } from '../../stream/fake-server.fake.js';
import { FEATURES, featuresOf } from '../features.js';
import { CAMERA_STRINGS } from '../strings/camera.js';
import { EXTRA_STRINGS } from '../strings/extras.js';
import { HAND_STRINGS } from '../strings/hands.js';
import { ROOM_STRINGS } from '../strings/rooms.js';
import type { Strings } from '../strings/strings.js';
import type { UnderpaintStudio } from './underpaint-studio.js';

const TRANSLATIONS = { de, es, fr, ja, zh };
const ENGLISH: Strings = { ...EXTRA_STRINGS, ...HAND_STRINGS, ...ROOM_STRINGS, ...CAMERA_STRINGS };

describe('what a page chooses for its studio', () => {
  let server: FakeServer;
  let studio: UnderpaintStudio;

  beforeEach(() => (server = new FakeServer()));
  afterEach(() => {
    studio.remove();
    server.uninstall();
  });

  async function mount(html: string): Promise<void> {
    document.body.insertAdjacentHTML('beforeend', html);
    studio = document.body.lastElementChild as UnderpaintStudio;
    await vi.waitFor(() => expect(studio.client?.state.status).toBe('live'), { timeout: 5_000 });
    await studio.updateComplete;
  }

  const buttons = (): (string | null)[] =>
    [studio, ...studio.shadowRoot!.querySelectorAll('underpaint-viewbar, underpaint-controls')].flatMap((host) =>
      [...host.shadowRoot!.querySelectorAll('button, input')].map((one) => one.getAttribute('aria-label') ?? one.id),
    );

  it('leaves out parts', async () => {
    await mount('<underpaint-studio features="-share -camera -save -seed -help"></underpaint-studio>');
    await vi.waitFor(() => expect(buttons()).toContain('strength'));
    const { share, save, keys } = ENGLISH;
    for (const gone of [share, save, keys, 'seed']) expect(buttons()).not.toContain(gone);
    expect(studio.shadowRoot!.querySelector('.inputs')).toBeNull();
    studio.features = 'prompt';
    await vi.waitFor(() => expect(buttons()).toEqual(['']));
  });

  it('replaces the controls by its own', async () => {
    await mount('<underpaint-studio><p slot="controls" id="own">Mine</p></underpaint-studio>');
    const own = studio.querySelector('#own')!.getBoundingClientRect();
    expect(own.width).toBeGreaterThan(100);
    const controls = studio.shadowRoot!.querySelector('underpaint-controls')!;
    expect(controls.getBoundingClientRect().width).toBe(0);
  });

  it('styles the parts of the parts', async () => {
    const sheet = document.createElement('style');
    sheet.textContent =
      'underpaint-studio::part(brush) { display: none } underpaint-studio::part(picture) { opacity: 0.5 }';
    document.head.append(sheet);
    await mount('<underpaint-studio></underpaint-studio>');
    const inside = (element: HTMLElement, selector: string) =>
      getComputedStyle(element.shadowRoot!.querySelector(selector)!);
    const seen = [inside(studio.sketch, 'underpaint-brush').display, inside(studio.result, '.stage').opacity];
    sheet.remove();
    expect(seen).toEqual(['none', '0.5']);
  });

  it('chooses the language, or that of the page', async () => {
    await mount('<underpaint-studio language="de"></underpaint-studio>');
    await vi.waitFor(() => expect(studio.strings.undo).toBe('Rückgängig'));
    const brush = studio.sketch.shadowRoot!.querySelector('underpaint-brush')!.shadowRoot!;
    const swatch = () => brush.querySelector('button.swatch')!.getAttribute('aria-label');
    await vi.waitFor(() => expect(swatch()).toBe(de.colour!(colourLook(studio.sketch.palette[0]!))));
    studio.language = 'auto';
    document.documentElement.lang = 'ja-JP';
    studio.requestUpdate();
    await vi.waitFor(() => expect(studio.strings.undo).toBe('元に戻す'));
    document.documentElement.lang = 'en';
    studio.requestUpdate();
    await vi.waitFor(() => expect(studio.strings.undo).toBe('Undo'));
  });

  it('shows the texts of the page', async () => {
    await mount('<underpaint-studio></underpaint-studio>');
    studio.strings = { live: 'Verbunden', undo: 'Zurück' };
    const inside = (element: HTMLElement, selector: string) => element.shadowRoot!.querySelector<HTMLElement>(selector);
    const status = () => inside(inside(studio, 'underpaint-status')!, '[role=status]')?.textContent;
    await vi.waitFor(() => expect(status()).toBe('Verbunden'));
    expect(inside(inside(studio.sketch, 'underpaint-toolbar')!, '[aria-label=Zurück]')).not.toBeNull();
  });

  it('keeps single texts of the page in every language', async () => {
    await mount('<underpaint-studio language="de"></underpaint-studio>');
    studio.strings = { undo: 'Weg damit' };
    await vi.waitFor(() => expect([studio.strings.undo, studio.strings.redo]).toEqual(['Weg damit', de.redo]));
    studio.language = 'fr';
    await vi.waitFor(() => expect([studio.strings.undo, studio.strings.redo]).toEqual(['Weg damit', fr.redo]));
  });

  it('replaces texts of parts that are loaded later, and only those', async () => {
    await mount('<underpaint-studio></underpaint-studio>');
    studio.strings = { nextView: 'Weiter' };
    await studio.showHelp();
    const rows = [...studio.shadowRoot!.querySelector('underpaint-help')!.shadowRoot!.querySelectorAll('td')];
    const texts = rows.map(({ textContent }) => textContent);
    expect(texts).toContain('Weiter');
    expect(texts).not.toContain(ENGLISH.nextView);
    expect(texts).toEqual(expect.arrayContaining([ENGLISH.zoomIn, ENGLISH.undo]));
  });
});

describe('features', () => {
  it.each([
    ['', FEATURES.length],
    ['prompt, strength', 2],
    ['-share -camera', FEATURES.length - 2],
    ['nothing-known', 0],
  ])('"%s" has %i parts', (list, count) => expect(featuresOf(list).size).toBe(count));
});

describe.each(Object.entries(TRANSLATIONS))('the texts in %s', (_language, translation) => {
  it('are as many and of the same kinds as those in English', () => {
    const known = Object.entries(translation);
    expect(known.length).toBeGreaterThan(110);
    for (const [name, value] of known) {
      const english = ENGLISH[name as keyof Strings];
      expect(typeof value, name).toBe(typeof english);
      if (Array.isArray(english)) expect(value, name).toHaveLength(english.length);
      else if (typeof english === 'object') expect(Object.keys(value), name).toEqual(Object.keys(english));
    }
  });
});
