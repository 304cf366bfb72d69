import { mkdirSync, statSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright';
import type { UnderpaintStudio } from '../src/index.js';
import { chromiumLaunchOptions } from './chromium.js';
import { gather, rename } from './gather.js';
import { at, option, serve } from './serve.js';

/*
 * Makes the screenshots of the README, with the embedded model and its ideas:
 *
 *     npm run screenshots -w client                       the studio, and a room of three
 *     npm run screenshots -w client -- --only studio-phone-side
 *     npm run screenshots -w client -- --url http://127.0.0.1:8080/
 */

const DOCS = at('docs');
const MAX_BYTES = 300 * 1024;
const PATIENCE_MS = 120_000;

const DESKTOP: BrowserContextOptions = { viewport: { width: 1280, height: 860 } };
const LAPTOP: BrowserContextOptions = { viewport: { width: 1366, height: 768 } };
const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
};
const PHONE_ON_ITS_SIDE: BrowserContextOptions = { ...PHONE, viewport: { width: 844, height: 390 } };
const DARK = { colorScheme: 'dark' } as const;

type Shot = readonly [file: string, device: BrowserContextOptions, act: (page: Page) => Promise<void>];

const SHOTS: readonly Shot[] = [
  ['studio-desktop-light', DESKTOP, (page) => choose(page, 'a house in a meadow, trees')],
  ['studio-laptop-light', LAPTOP, showLayersAndSelection],
  ['studio-desktop-dark', { ...DESKTOP, ...DARK }, (page) => openIdeas(page)],
  ['studio-phone-light', PHONE, (page) => choose(page, 'a lighthouse by the sea, by day')],
  ['studio-phone-dark', { ...PHONE, ...DARK }, (page) => choose(page, 'a tent and a campfire at night')],
  ['studio-phone-side', PHONE_ON_ITS_SIDE, (page) => choose(page, 'the sea at sunset, a sailboat')],
];

async function main(): Promise<void> {
  const server = await serve('--workers', '1', '--refine-steps', '0');
  const browser = await chromium.launch(chromiumLaunchOptions());
  try {
    mkdirSync(DOCS, { recursive: true });
    for (const [file, device, act] of SHOTS.filter(([name]) => (option('only') ?? name) === name)) {
      const page = await open(browser, server.url, device);
      await act(page);
      await take(page, `${DOCS}/${file}.jpg`);
      await page.close();
    }
    if (option('only') === undefined) await takeRoom(browser, server.url);
  } finally {
    await browser.close();
    server.stop();
  }
}

/** The owner's view of a room of three, and the room's links on the phone of a fourth person. */
async function takeRoom(browser: Browser, url: string): Promise<void> {
  const page = await open(browser, url, DESKTOP);
  const link = await gather(page, () => browser.newPage(DESKTOP));
  await take(page, `${DOCS}/room-desktop-light.jpg`);
  const phone = await open(browser, link, { ...PHONE, ...DARK });
  const people = phone.getByRole('button', { name: 'Draw together' });
  await people.click();
  await rename(phone, 'Max');
  await people.click();
  await take(phone, `${DOCS}/room-phone-dark.jpg`);
}

async function open(browser: Browser, url: string, options: BrowserContextOptions): Promise<Page> {
  const page = await browser.newPage(options);
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(url);
  await page.locator('underpaint-view canvas').waitFor({ state: 'visible' });
  return page;
}

async function openIdeas(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Ideas' }).click();
  await page.locator('underpaint-ideas img').last().waitFor();
  await page.waitForLoadState('networkidle');
}

async function choose(page: Page, words: string): Promise<void> {
  await openIdeas(page);
  await page.locator('underpaint-ideas .card').filter({ hasText: words }).click();
  const field = page.getByRole('textbox', { name: 'What is it?' });
  while ((await field.inputValue()) !== words) await page.waitForTimeout(100);
  await quiet(page);
}

/** Land, house and flowers on layers of their own, and the house selected. */
async function showLayersAndSelection(page: Page): Promise<void> {
  await choose(page, 'a house in a meadow, trees');
  await page.locator('underpaint-studio').evaluate(async (element) => {
    const { sketch } = element as UnderpaintStudio;
    const { marks, ...rest } = sketch.state;
    const names = ['Land', 'Trees and house', 'Flowers'];
    const layers = names.map((name, id) => ({ id, name, isHidden: false, opacity: 1 }));
    const layerOf = (index: number) => (index < 4 ? 0 : index < marks.length - 6 ? 1 : 2);
    await sketch.restore({ ...rest, layers, marks: marks.map((mark, index) => ({ ...mark, layer: layerOf(index) })) });
    sketch.activeLayer = 1;
  });
  await page.getByRole('button', { name: 'Layers' }).click();
  await page.getByRole('button', { name: 'Select and move' }).click();
  const sheet = (await page.locator('underpaint-sketch canvas').boundingBox())!;
  const place = (x: number, y: number) => [sheet.x + sheet.width * x, sheet.y + sheet.height * y] as const;
  // The roof, the wall and the door.
  await page.mouse.click(...place(0.57, 0.5));
  await page.keyboard.down('Shift');
  await page.mouse.click(...place(0.48, 0.66));
  await page.mouse.click(...place(0.57, 0.72));
  await page.keyboard.up('Shift');
  await page.mouse.move(...place(0.1, 0.05));
  await quiet(page);
}

/** Waits until the picture has been up to date for a while. */
async function quiet(page: Page): Promise<void> {
  await page.locator('underpaint-studio').evaluate(async (element) => {
    const client = (element as UnderpaintStudio).client!;
    for (let calm = 0; calm < 15; calm = client.isBehind ? 0 : calm + 1)
      await new Promise((resolve) => setTimeout(resolve, 200));
  });
}

/** As JPEG, at the best quality that stays small enough for a README. */
async function take(page: Page, path: string): Promise<void> {
  for (let quality = 92; ; quality -= 6) {
    await page.screenshot({ path, type: 'jpeg', quality, fullPage: path.includes('laptop') });
    const { size } = statSync(path);
    if (size > MAX_BYTES && quality > 40) continue;
    console.log(`${path} ${Math.round(size / 1024)} KB`);
    return;
  }
}

await main();
