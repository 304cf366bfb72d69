import type { Page } from 'playwright';
import { describe, expect, it, vi } from 'vitest';
import { sketchColor, viewCanvas } from '../helpers/browser.js';
import { usePages, useServer } from '../helpers/pages.js';

/** 400 kbit/s. */
const BYTES_PER_S = 50_000;
const LATENCY_MS = 150;
/** The page, its style sheet and its first script: a tenth of a second at this speed each. */
const MAX_SHELL_BYTES = 12_000;
/** Seconds for a busy machine; the bytes above are the measure. */
const PATIENCE_MS = 40_000;
/** The words in the status line change. */
const MAX_SHIFT = 0.005;
/** The ink of a stroke whose tool nobody has chosen. */
const INK = '#2f4a35';

describe('a page on a slow network', { timeout: 120_000 }, () => {
  const pages = usePages();
  const server = useServer();

  /** The studio does not arrive before it is let go. */
  async function open(): Promise<{ page: Page; letGo: () => void; received: () => number }> {
    const page = await pages.browser.newPage({ viewport: { width: 1280, height: 860 } });
    const network = await page.context().newCDPSession(page);
    let bytes = 0;
    await network.send('Network.enable');
    network.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
    const speed = {
      offline: false,
      latency: LATENCY_MS,
      downloadThroughput: BYTES_PER_S,
      uploadThroughput: BYTES_PER_S,
    };
    await network.send('Network.emulateNetworkConditions', speed);
    let letGo = () => undefined as void;
    const gone = new Promise<void>((resolve) => (letGo = resolve));
    await page.route(/\/studio-(?!page)/, (route) => void gone.then(() => route.continue()));
    await page.addInitScript(watchShifts);
    await page.goto(server.url, { waitUntil: 'commit' });
    await page.locator('#shell polygon').first().waitFor({ timeout: PATIENCE_MS });
    return { page, letGo, received: () => bytes };
  }

  const words = (page: Page) => page.getByRole('textbox', { name: 'What is it?' });

  it('can be drawn on and takes words before the studio has arrived, and loses neither', async () => {
    const { page, letGo, received } = await open();
    expect(received()).toBeLessThan(MAX_SHELL_BYTES);
    const sheet = (await page.locator('#shell .sheet').boundingBox())!;
    await page.mouse.move(sheet.x + sheet.width * 0.2, sheet.y + sheet.height * 0.1);
    await page.mouse.down();
    await page.mouse.move(sheet.x + sheet.width * 0.8, sheet.y + sheet.height * 0.1, { steps: 8 });
    await page.mouse.up();
    await words(page).click();
    await page.keyboard.type('mountains at night');
    letGo();
    await page.locator('#shell').waitFor({ state: 'detached', timeout: PATIENCE_MS });
    await vi.waitFor(async () => expect(await sketchColor(page, [0.5, 0.1])).toBe(INK), { timeout: PATIENCE_MS });
    expect(await words(page).inputValue()).toBe('mountains at night');
    await page.keyboard.type(', snow');
    expect(await words(page).inputValue(), 'the words keep the focus').toBe('mountains at night, snow');
    await page.context().close();
  });

  it('moves nothing when the studio arrives', async () => {
    const { page, letGo } = await open();
    const sheet = await page.locator('#shell .sheet').boundingBox();
    letGo();
    await viewCanvas(page).waitFor({ state: 'visible', timeout: PATIENCE_MS });
    expect(await page.locator('underpaint-sketch canvas').boundingBox()).toEqual(sheet);
    expect(await page.evaluate(() => (globalThis as unknown as { shifted: number }).shifted)).toBeLessThan(MAX_SHIFT);
    await page.context().close();
  });
});

/** Sums up the layout shifts (https://wicg.github.io/layout-instability/) of the page. */
function watchShifts(): void {
  const page = globalThis as unknown as { shifted: number };
  page.shifted = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) page.shifted += (entry as unknown as { value: number }).value;
  }).observe({ type: 'layout-shift', buffered: true });
}
