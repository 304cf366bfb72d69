import { chromium, type Browser, type BrowserContextOptions, type Locator, type Page } from 'playwright';
import { chromiumLaunchOptions } from '../../client/scripts/chromium.js';
import { launchFirefox } from './firefox.js';

/** Whether the tests run in Firefox. WebDriver BiDi gives no pens, fingers, downloads or clipboard there. */
export const IS_FIREFOX = process.env['UNDERPAINT_BROWSER'] === 'firefox';

/**
 * Chromium, or Firefox in the tests that run in it.
 *
 * @param fakePermission false: the browser asks before it gives a camera, and nobody answers
 */
export function launchBrowser({ fakePermission = true } = {}): Promise<Browser> {
  if (IS_FIREFOX) return launchFirefox();
  const { args = [], ...options } = chromiumLaunchOptions();
  const kept = args.filter((arg) => fakePermission || !arg.startsWith('--use-fake-ui'));
  return chromium.launch({ ...options, args: kept });
}

/** Enters a text as a person does: Firefox takes no `fill` for a change by the person. */
export async function type(field: Locator, text: string): Promise<void> {
  await field.selectText();
  await field.pressSequentially(text);
  await field.press('Enter');
}

export interface OpenPage {
  readonly page: Page;
  /** Faults of the page: exceptions, console errors and blocked content. */
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

/** A place on the sketch, as fractions of its width and height. */
export type Place = readonly [x: number, y: number];

/** Where places of the sketch are on the page, in CSS pixels. */
export async function onPage(page: Page, ...places: readonly Place[]): Promise<{ x: number; y: number }[]> {
  const box = await sketchCanvas(page).boundingBox();
  if (box === null) throw new Error('the sketch is not on the page');
  return places.map(([x, y]) => ({ x: box.x + x * box.width, y: box.y + y * box.height }));
}

/** Draws a line with the mouse. In a tab behind another one each move would take a second. */
export async function drawLine(page: Page, from: Place, to: Place): Promise<void> {
  await page.bringToFront();
  const [start, end] = (await onPage(page, from, to)) as [{ x: number; y: number }, { x: number; y: number }];
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move(end.x, end.y, { steps: 12 });
  await page.mouse.up();
}

/** Sets properties of the sketch: its tool, colour and size. */
export async function setUpSketch(page: Page, properties: object): Promise<void> {
  await page.locator('underpaint-sketch').evaluate((sketch, given) => void Object.assign(sketch, given), properties);
  await nextPaint(page);
}

/** Waits until the page's canvases show all messages so far. */
export async function nextPaint(page: Page): Promise<void> {
  await page.evaluate(async () => {
    for (let i = 0; i < 3; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
  });
}

/** The colour of the sketch at a place, as #rrggbb. */
export async function sketchColor(page: Page, place: Place): Promise<string> {
  await nextPaint(page);
  return sketchCanvas(page).evaluate((element, [x, y]) => {
    const canvas = element as HTMLCanvasElement;
    const { data } = canvas.getContext('2d')!.getImageData(x * canvas.width, y * canvas.height, 1, 1);
    return `#${[...data.slice(0, 3)].map((level) => level.toString(16).padStart(2, '0')).join('')}`;
  }, place);
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
