import { chromium, type Browser, type BrowserContextOptions, type Locator, type Page } from 'playwright';
import { chromiumLaunchOptions } from '../../client/scripts/chromium.js';

export function launchBrowser(): Promise<Browser> {
  return chromium.launch(chromiumLaunchOptions());
}

export interface OpenPage {
  readonly page: Page;
  /** What went wrong in the page: exceptions, console errors and blocked content. */
  readonly problems: readonly string[];
}

export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 }, ...options });
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await page.goto(url);
  return { page, problems };
}

/** Draws a line with the mouse; places are fractions of the canvas. */
export async function drawLine(page: Page, from: [number, number], to: [number, number]): Promise<void> {
  const box = await sketchCanvas(page).boundingBox();
  if (box === null) throw new Error('the sketch is not on the page');
  const at = ([x, y]: readonly [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at(to), { steps: 12 });
  await page.mouse.up();
}

export function sketchCanvas(page: Page): Locator {
  return page.locator('underpaint-sketch canvas');
}

export function viewCanvas(page: Page): Locator {
  return page.locator('underpaint-view canvas');
}

/** The picture on a canvas as RGBA levels, scaled to 32 x 32. */
export function thumbnail(canvas: Locator): Promise<number[]> {
  return canvas.evaluate((element) => {
    const small = new OffscreenCanvas(32, 32).getContext('2d')!;
    small.drawImage(element as HTMLCanvasElement, 0, 0, 32, 32);
    return [...small.getImageData(0, 0, 32, 32).data];
  });
}

/** Mean absolute difference in levels of 255; `rows` limits it to some of the 32 rows. */
export function difference(
  a: readonly number[],
  b: readonly number[],
  rows: readonly [number, number] = [0, 32],
): number {
  const [from, until] = [rows[0] * 32 * 4, rows[1] * 32 * 4];
  let sum = 0;
  for (let i = from; i < until; i++) sum += Math.abs(a[i]! - b[i]!);
  return sum / (until - from);
}
