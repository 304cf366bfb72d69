import type { Page } from 'playwright';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { difference, drawLine, sketchCanvas, thumbnail, viewCanvas } from '../helpers/browser.js';
import { usePages, useServer } from '../helpers/pages.js';

/** Difference of two encodings of one picture, in levels of 255: JPEG rounding. */
const SAME = 0.5;

describe('the page in Chromium against the real server', () => {
  const pages = usePages();
  const server = useServer(['--refine-steps', '4']);
  let page: Page;
  let problems: readonly string[];

  beforeAll(async () => {
    ({ page, problems } = await pages.open(server.url));
    await viewCanvas(page).waitFor({ state: 'visible' });
  });

  /** The picture once it has stopped changing. */
  async function settledPicture(): Promise<number[]> {
    let last = await thumbnail(viewCanvas(page));
    for (;;) {
      await page.waitForTimeout(400);
      const next = await thumbnail(viewCanvas(page));
      if (difference(last, next) <= SAME) return next;
      last = next;
    }
  }

  const pictureOtherThan = (before: readonly number[]) =>
    vi.waitFor(
      async () => {
        const now = await settledPicture();
        expect(difference(before, now)).toBeGreaterThan(SAME * 2);
        return now;
      },
      { timeout: 15_000 },
    );

  it('shows a picture of the starter drawing without any input', async () => {
    const picture = await settledPicture();
    expect(new Set(picture).size, 'a picture has many levels').toBeGreaterThan(20);
    expect(await page.locator('underpaint-status').getByRole('status').textContent()).toContain('Live');
  });

  it('changes the picture where the person draws, and changes it back on undo', async () => {
    const before = await settledPicture();
    await page.locator('underpaint-sketch').evaluate((sketch) => Object.assign(sketch, { color: '#201a30', size: 40 }));
    await drawLine(page, [0.1, 0.2], [0.9, 0.2]);
    const drawn = await pictureOtherThan(before);
    const [sky, land] = [difference(before, drawn, [0, 12]), difference(before, drawn, [20, 32])];
    expect(sky, 'a stroke across the sky changes the sky most').toBeGreaterThan(land);
    await page.getByRole('button', { name: 'Undo' }).click();
    await vi.waitFor(async () => expect(difference(before, await settledPicture())).toBeLessThanOrEqual(SAME * 2), {
      timeout: 15_000,
    });
  });

  it('changes the picture when only the prompt changes', async () => {
    const sketch = await thumbnail(sketchCanvas(page));
    const before = await settledPicture();
    await page.getByRole('textbox', { name: 'What is it?' }).fill('a fiery sunset over a dark forest');
    await pictureOtherThan(before);
    expect(await thumbnail(sketchCanvas(page))).toEqual(sketch);
  });

  it('causes no errors under the policy of the page', () => {
    expect(problems).toEqual([]);
  });
});
