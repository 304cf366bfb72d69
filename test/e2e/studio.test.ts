import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  difference,
  drawLine,
  launchBrowser,
  openPage,
  sketchCanvas,
  thumbnail,
  viewCanvas,
} from '../helpers/browser.js';
import { serve, type RunningServer } from '../helpers/serve.js';

/** Difference of two encodings of one picture, in levels of 255: JPEG rounding. */
const SAME = 0.5;

describe('the page in Chromium against the real server', () => {
  let server: RunningServer;
  let browser: Browser;
  let page: Page;
  let problems: readonly string[];

  beforeAll(async () => {
    [server, browser] = await Promise.all([serve(0, '--workers', '1', '--max-rows', '1'), launchBrowser()]);
    ({ page, problems } = await openPage(browser, server.url));
    await viewCanvas(page).waitFor({ state: 'visible' });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
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
