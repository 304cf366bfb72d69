import type { Page } from 'playwright';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { sketchColor, viewCanvas } from '../helpers/browser.js';
import { usePages, useServer } from '../helpers/pages.js';

/** More Tab stops than a page may have. */
const MAX_STOPS = 60;

describe('with the keyboard alone', () => {
  const pages = usePages();
  const server = useServer();
  let page: Page;

  beforeEach(async () => {
    await page?.close();
    ({ page } = await pages.open(server.url));
    await viewCanvas(page).waitFor({ state: 'visible' });
  });

  /** The focused element, inside all shadow roots. */
  const focused = () =>
    page.evaluate(() => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      if (element === null || element === document.body) return null;
      const labels = element instanceof HTMLInputElement ? element.labels : null;
      const label = element.getAttribute('aria-label') ?? labels?.[0]?.textContent ?? element.textContent;
      const { outlineStyle } = getComputedStyle(element);
      const around = element.parentElement?.closest('.stage, .any');
      const shown =
        outlineStyle !== 'none' || (around instanceof Element && getComputedStyle(around).outlineStyle !== 'none');
      return { name: label?.trim().replace(/\s+/g, ' ') ?? '', tag: element.localName, shown };
    });

  async function tabTo(name: string | RegExp): Promise<void> {
    for (let i = 0; i < MAX_STOPS; i++) {
      await page.keyboard.press('Tab');
      const now = await focused();
      if (now !== null && (typeof name === 'string' ? now.name === name : name.test(now.name))) return;
    }
    throw new Error(`no Tab stop is called ${String(name)}`);
  }

  it('every Tab stop has a name and a visible focus', async () => {
    const stops: { name: string; tag: string; shown: boolean }[] = [];
    for (let i = 0; i < MAX_STOPS; i++) {
      await page.keyboard.press('Tab');
      const now = await focused();
      if (now === null) break;
      stops.push(now);
    }
    expect(stops.length).toBeGreaterThan(12);
    expect(stops.length).toBeLessThan(MAX_STOPS);
    expect(stops.filter(({ name }) => name === '')).toEqual([]);
    expect(stops.filter(({ shown }) => !shown)).toEqual([]);
  });

  it('chooses a tool and draws with it', async () => {
    await tabTo('Pen');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    expect((await focused())?.name).toBe('Eraser');
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await tabTo('Your sketch');
    const before = await sketchColor(page, [0.6, 0.5]);
    await page.keyboard.press(' ');
    for (let i = 0; i < 5; i++) await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press(' ');
    expect(await sketchColor(page, [0.6, 0.5])).not.toBe(before);
    await page.keyboard.press('Control+z');
    expect(await sketchColor(page, [0.6, 0.5])).toBe(before);
  });

  it('chooses an idea and moves a slider', async () => {
    const params = () =>
      page
        .locator('underpaint-studio')
        .evaluate((studio) => (studio as HTMLElementTagNameMap['underpaint-studio']).client!.params);
    const prompt = 'a house in a meadow, trees';
    await tabTo('Ideas');
    await page.keyboard.press('Enter');
    await page.locator('underpaint-ideas .card').first().waitFor();
    await tabTo(prompt);
    await page.keyboard.press('Enter');
    await vi.waitFor(async () => expect(await params()).toMatchObject({ prompt }), { timeout: 5_000 });
    await tabTo('Strength');
    await page.keyboard.press('Home');
    await vi.waitFor(async () => expect(await params()).toMatchObject({ prompt, strength: 0.05 }));
  });

  it('shows all keys with ?, and returns the focus', async () => {
    await tabTo('Your sketch');
    await page.keyboard.press('?');
    const table = page.getByRole('dialog', { name: 'Keys' });
    await table.waitFor();
    expect(await table.getByRole('row').count()).toBeGreaterThan(15);
    await page.keyboard.press('Escape');
    await table.waitFor({ state: 'hidden' });
    expect((await focused())?.name).toBe('Your sketch');
  });

  it('handles keys while nothing has the focus', async () => {
    await page.keyboard.press('v');
    await vi.waitFor(async () => expect(await page.locator('underpaint-studio').getAttribute('view')).toBe('overlay'));
  });
});
