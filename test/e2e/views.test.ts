import type { Page } from 'playwright';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { drawLine, IS_FIREFOX, setUpSketch, sketchCanvas, sketchColor, viewCanvas } from '../helpers/browser.js';
import { usePages, useServer } from '../helpers/pages.js';

describe('views, and actions on the picture', () => {
  const pages = usePages();
  const server = useServer();
  let page: Page;

  beforeAll(async () => {
    ({ page } = await pages.open(server.url));
    await viewCanvas(page).waitFor({ state: 'visible' });
  });
  beforeEach(() => show('Side by side'));

  const show = (name: string) => page.getByRole('button', { name, exact: true }).click();
  const boxes = async () =>
    [(await sketchCanvas(page).boundingBox())!, (await viewCanvas(page).boundingBox())!] as const;

  it('side by side: sketch and picture of equal size, next to each other', async () => {
    const [sketch, view] = await boxes();
    expect(view.x).toBeGreaterThanOrEqual(sketch.x + sketch.width);
    expect([view.y, view.width, view.height]).toEqual([sketch.y, sketch.width, sketch.height]);
  });

  it('overlay: the picture over the sketch, with the slider’s opacity, and drawing goes through it', async () => {
    await show('Picture over the sketch');
    const [sketch, view] = await boxes();
    expect(view).toEqual(sketch);
    await page.getByRole('slider', { name: 'Share of the picture' }).fill('30');
    expect(await page.locator('underpaint-view').evaluate((element) => getComputedStyle(element).opacity)).toBe('0.3');
    await setUpSketch(page, { color: '#ff0000', size: 20 });
    await drawLine(page, [0.3, 0.1], [0.7, 0.1]);
    expect(await sketchColor(page, [0.5, 0.1])).toBe('#ff0000');
  });

  it('split: a line that can be dragged, and drawing on both sides of it', async () => {
    await show('Split at a line');
    const [sketch, view] = await boxes();
    expect(view).toEqual(sketch);
    const line = async () =>
      Number(await page.getByRole('slider', { name: 'Share of the picture' }).inputValue()) / 100;
    const handle = { x: sketch.x + sketch.width * (await line()), y: sketch.y + 15 };
    await page.mouse.move(handle.x, handle.y);
    await page.mouse.down();
    await page.mouse.move(sketch.x + sketch.width * 0.75, handle.y, { steps: 5 });
    await page.mouse.up();
    expect(await line()).toBeCloseTo(0.75, 1);
    await page.mouse.move(sketch.x + 15 + (sketch.width - 30) * (await line()), sketch.y + sketch.height * 0.9);
    await page.mouse.down();
    await page.mouse.move(sketch.x + sketch.width * 0.4, sketch.y + sketch.height * 0.7, { steps: 5 });
    await page.mouse.up();
    expect(await line(), 'the line can be dragged far from its handle').toBeCloseTo(0.4, 1);
    const clip = await page.locator('underpaint-view').evaluate((element) => getComputedStyle(element).clipPath);
    expect(Number(/([\d.]+)%/.exec(clip)?.[1]) / 100).toBeCloseTo(await line(), 5);
    await setUpSketch(page, { color: '#0000ff', size: 20 });
    await drawLine(page, [0.2, 0.5], [0.9, 0.5]);
    expect(await sketchColor(page, [0.5, 0.5])).toBe('#0000ff');
    expect(await sketchColor(page, [0.85, 0.5]), 'under the picture too').toBe('#0000ff');
  });

  it('result: the picture alone', async () => {
    await show('Picture alone');
    expect(await sketchCanvas(page).isVisible()).toBe(false);
    expect(await viewCanvas(page).isVisible()).toBe(true);
  });

  it.each(['Side by side', 'Picture over the sketch', 'Split at a line'])(
    'full screen from "%s" shows the whole picture, and V changes nothing behind it',
    async (view) => {
      await show(view);
      const before = await page.locator('underpaint-studio').getAttribute('view');
      await show('Full screen');
      await page.waitForFunction(() => document.fullscreenElement !== null);
      const { opacity, clipPath } = await page.locator('underpaint-view').evaluate((element) => {
        const { opacity, clipPath } = getComputedStyle(element);
        return { opacity, clipPath };
      });
      expect([opacity, clipPath]).toEqual(['1', 'none']);
      await page.keyboard.press('v');
      expect(await page.locator('underpaint-studio').getAttribute('view')).toBe(before);
      await page.evaluate(() => document.exitFullscreen());
      await page.waitForFunction(() => document.fullscreenElement === null);
    },
  );

  it.skipIf(IS_FIREFOX)('saves the picture, the sketch, and both, under names made of the words', async () => {
    type Studio = { readonly client: { readonly params: { readonly prompt: string } } };
    const words = await page
      .locator('underpaint-studio')
      .evaluate((it) => (it as unknown as Studio).client.params.prompt);
    const base = words.toLowerCase().replaceAll(/[^a-z]+/g, '-');
    for (const [name, file] of [
      ['Picture', `${base}.jpg`],
      ['Sketch', `${base}.png`],
      ['Both side by side', `${base}.png`],
    ] as const) {
      await show('Save');
      const download = page.waitForEvent('download');
      await page.locator('.saves').getByRole('button', { name, exact: true }).click();
      expect((await download).suggestedFilename()).toBe(file);
    }
  });

  it('paints the picture onto the sketch, as one step to undo', async () => {
    const before = await sketchColor(page, [0.5, 0.9]);
    await show('Use the picture as sketch');
    await vi.waitFor(async () => expect(await sketchColor(page, [0.5, 0.9])).not.toBe(before));
    await show('Undo');
    expect(await sketchColor(page, [0.5, 0.9])).toBe(before);
  });
});
