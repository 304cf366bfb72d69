import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import '../define.js';
import { FakeServer } from '../stream/fake-server.fake.js';
import { TEXT_STYLES, changedStyles, outside, textStyles } from './layout.fake.js';
import type { UnderpaintStudio } from './underpaint-studio/underpaint-studio.js';
import { VIEWS } from './underpaint-viewbar/underpaint-viewbar.js';

/** The widths of hosts, in CSS pixels. */
const WIDTHS = Array.from({ length: (1_400 - 280) / 10 + 1 }, (_, index) => 280 + 10 * index);
/** Widths of the space around a parent, and what an element in it may lose to margins. */
const SPACES = [300, 1_000];
const MARGINS = 60;
const SMALLEST = 240;
/** Parents as wide as their content. */
const SHRINKING: Readonly<Record<string, string>> = {
  'flex row': '<div style="display: flex"><x></x></div>',
  'flex column, centred': '<div style="display: flex; flex-direction: column; align-items: center"><x></x></div>',
  'grid with place-items': '<div style="display: grid; place-items: center"><x></x></div>',
  'inline-block': '<div style="display: inline-block"><x></x></div>',
  float: '<div style="float: left"><x></x></div>',
  absolute: '<div style="position: absolute"><x></x></div>',
  'table cell': '<table><tbody><tr><td><x></x></td></tr></tbody></table>',
  dialog: '<dialog open><x></x></dialog>',
};
const TAGS = [
  'underpaint-studio',
  'underpaint-sketch',
  'underpaint-controls',
  'underpaint-view',
  'underpaint-webcam',
] as const;
const DIRECTIONS = ['ltr', 'rtl'] as const;

describe('the layout of the studio on other people’s pages', () => {
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
  });

  async function mount(properties: Partial<UnderpaintStudio> = {}): Promise<UnderpaintStudio> {
    const studio = Object.assign(document.createElement('underpaint-studio'), properties);
    place.append(studio);
    const rate = () => expect(studio.client?.statistics.framesPerSecond).toBeGreaterThan(0);
    await vi.waitFor(rate, { timeout: 10_000 });
    await studio.updateComplete;
    return studio;
  }

  it.each(VIEWS.flatMap((view) => DIRECTIONS.map((dir) => [view, dir] as const)))(
    'fits every width: %s, %s',
    async (view, dir) => {
      const studio = await mount({ view, dir });
      const problems = WIDTHS.flatMap((width) => {
        studio.style.width = `${width}px`;
        return outside(studio).map((what) => `${width}: ${what}`);
      });
      expect(problems).toEqual([]);
    },
  );

  it('fits the smallest width with the figures of the connection open', async () => {
    const studio = await mount();
    const status = studio.shadowRoot!.querySelector('underpaint-status')!;
    await vi.waitFor(() => expect(status.shadowRoot!.querySelector('.readout')).not.toBeNull());
    status.shadowRoot!.querySelector<HTMLButtonElement>('.readout')!.click();
    await status.updateComplete;
    const problems = [280, 420, 560, 700].flatMap((width) => {
      studio.style.width = `${width}px`;
      return outside(studio);
    });
    expect(problems).toEqual([]);
  });

  it.each(Object.entries(SHRINKING))('has a width in a parent as wide as its content: %s', async (_, parent) => {
    const { client } = await mount();
    for (const [tag, space] of TAGS.flatMap((tag) => SPACES.map((space) => [tag, space] as const))) {
      const around = document.createElement('div');
      around.style.cssText = `position: relative; inline-size: ${space}px`;
      around.innerHTML = parent.replaceAll('x>', `${tag}>`);
      place.append(around);
      const element = around.querySelector(tag)!;
      if (tag === 'underpaint-controls' || tag === 'underpaint-view') Object.assign(element, { client });
      await element.updateComplete;
      const { width } = element.getBoundingClientRect();
      expect(width, `${tag} in ${space} px`).toBeGreaterThanOrEqual(Math.min(SMALLEST, space - MARGINS));
      expect(width, `${tag} in ${space} px`).toBeLessThanOrEqual(space);
      around.remove();
    }
  });

  it('is never shorter than its content, and fills a greater height', async () => {
    const studio = await mount();
    const natural = studio.getBoundingClientRect().height;
    studio.style.height = '200px';
    expect(studio.getBoundingClientRect().height).toBe(natural);
    studio.style.height = `${natural + 300}px`;
    const { height } = studio.shadowRoot!.querySelector('.frame')!.getBoundingClientRect();
    expect(height).toBe(natural + 300);
  });

  it('fits its stage into the height that the page names', async () => {
    const studio = await mount({ view: 'result' });
    studio.style.width = '1400px';
    const stageIn = (height: string) => {
      studio.style.setProperty('--underpaint-height', height);
      return studio.result.getBoundingClientRect().height;
    };
    expect(stageIn('900px')).toBeGreaterThan(stageIn('600px'));
    expect(studio.scrollHeight).toBeLessThanOrEqual(600);
  });

  it('takes no text style from the page, inherited or by a rule for all elements', async () => {
    const plain = textStyles(await mount());
    place.style.cssText = TEXT_STYLES;
    expect(changedStyles(plain, textStyles(place.querySelector('underpaint-studio')!))).toEqual([]);
    const sheet = document.createElement('style');
    sheet.textContent = `* { ${TEXT_STYLES} }`;
    document.head.append(sheet);
    const affected = changedStyles(plain, textStyles(place.querySelector('underpaint-studio')!));
    sheet.remove();
    expect(affected).toEqual([]);
  });

  it.each(DIRECTIONS)('has the line of the split view where the picture begins: %s', async (dir) => {
    const studio = await mount({ view: 'split', dir });
    for (const width of [320, 800, 1_300]) {
      studio.style.width = `${width}px`;
      const line = studio.shadowRoot!.querySelector('.line')!.getBoundingClientRect();
      const stage = studio.result.getBoundingClientRect();
      expect(line.left + line.width / 2, `${width} px`).toBeCloseTo(stage.left + stage.width / 2, 0);
    }
  });
});
