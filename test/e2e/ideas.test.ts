import type { Page } from 'playwright';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { sketchColor, viewCanvas } from '../helpers/browser.js';
import { usePages, useServer } from '../helpers/pages.js';

const SUNSET = 'the sea at sunset, a sailboat';
/** The sky of its sketch. */
const ORANGE = '#f28c38';

describe('ideas', () => {
  const pages = usePages();
  const server = useServer();
  let page: Page;
  const asked: string[] = [];

  beforeAll(async () => {
    ({ page } = await pages.open(server.url));
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await viewCanvas(page).waitFor({ state: 'visible' });
  });

  const words = () => page.getByRole('textbox', { name: 'What is it?' });
  const cards = () => page.locator('underpaint-ideas .card');
  const isIdea = (path: string) => path.startsWith('/ideas');

  it('are loaded when they are opened, with pictures that the model made', async () => {
    expect(asked.filter(isIdea)).toEqual([]);
    await page.getByRole('button', { name: 'Ideas' }).click();
    await cards().first().waitFor();
    const widths = () =>
      page
        .locator('underpaint-ideas img')
        .evaluateAll((all) => all.map((each) => (each as HTMLImageElement).naturalWidth));
    await vi.waitFor(async () => expect(new Set(await widths())).toEqual(new Set([192])));
    expect((await cards().allInnerTexts()).map((text) => text.trim())).toContain(SUNSET);
    expect(asked.filter((path) => path.endsWith('.underpaint'))).toEqual([]);
  });

  it('bring words, a sketch and settings, as one step to undo', async () => {
    const before = { words: await words().inputValue(), color: await sketchColor(page, [0.5, 0.05]) };
    expect(before.color).not.toBe(ORANGE);
    await page.locator('#strength').fill('0.5');
    await cards().filter({ hasText: SUNSET }).click();
    await vi.waitFor(async () => expect(await sketchColor(page, [0.5, 0.05])).toBe(ORANGE), { timeout: 5_000 });
    expect(await words().inputValue()).toBe(SUNSET);
    expect(await page.locator('#strength').inputValue()).toBe('1');
    await page.getByRole('button', { name: 'Undo' }).click();
    await vi.waitFor(async () => expect(await sketchColor(page, [0.5, 0.05])).toBe(before.color), { timeout: 5_000 });
    await vi.waitFor(async () => expect(await words().inputValue()).toBe(before.words));
    expect(await page.locator('#strength').inputValue()).toBe('0.5');
  });
});
