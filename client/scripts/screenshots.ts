import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright';
import type { UnderpaintStudio } from '../src/index.js';
import { chromiumLaunchOptions } from './chromium.js';
import { gather, rename } from './gather.js';
import { at, option, serve } from './serve.js';

/*
 * Makes the screenshots of the README, with the embedded model and one of its example sketches:
 *
 *     npm run screenshots -w client                       the studio, and a room of three
 *     npm run screenshots -w client -- --example 4        of another sketch (1 to 8)
 *     npm run screenshots -w client -- --url http://127.0.0.1:8080/
 */

const DOCS = at('docs');
const EXAMPLES = at('models/landscape/examples');
const MAX_BYTES = 300 * 1024;
/** After this time without an image, the last one is refined. */
const STILL_MS = 3_000;

const DEVICES: Readonly<Record<string, BrowserContextOptions>> = {
  desktop: { viewport: { width: 1280, height: 860 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
};

interface Example {
  readonly prompt: string;
  readonly png: string;
}

async function main(): Promise<void> {
  const example = readExample(Number(option('example') ?? 1));
  const server = await serve();
  const browser = await chromium.launch(chromiumLaunchOptions());
  const { url } = server;
  try {
    mkdirSync(DOCS, { recursive: true });
    for (const device of Object.keys(DEVICES)) {
      for (const scheme of ['light', 'dark'] as const) {
        const page = await open(browser, url, { ...DEVICES[device], colorScheme: scheme });
        await draw(page, example);
        await take(page, `${DOCS}/studio-${device}-${scheme}.jpg`);
        await page.close();
      }
    }
    await takeRoom(browser, url);
  } finally {
    await browser.close();
    server.stop();
  }
}

/** The owner's view of a room of three, and the room's links on the phone of a fourth person. */
async function takeRoom(browser: Browser, url: string): Promise<void> {
  const page = await open(browser, url, DEVICES['desktop']!);
  const link = await gather(page, () => browser.newPage(DEVICES['desktop']));
  await take(page, `${DOCS}/room-desktop-light.jpg`);
  const phone = await open(browser, link, { ...DEVICES['phone'], colorScheme: 'dark' });
  const people = phone.getByRole('button', { name: 'Draw together' });
  await people.click();
  await rename(phone, 'Max');
  await people.click();
  await take(phone, `${DOCS}/room-phone-dark.jpg`);
}

function readExample(number: number): Example {
  const prompts = JSON.parse(readFileSync(`${EXAMPLES}/prompts.json`, 'utf8')) as string[];
  const prompt = prompts[number - 1];
  if (prompt === undefined) throw new Error(`--example is 1 to ${prompts.length}`);
  return { prompt, png: readFileSync(`${EXAMPLES}/sketch-${number}.png`, 'base64') };
}

async function open(browser: Browser, url: string, options: BrowserContextOptions): Promise<Page> {
  const page = await browser.newPage(options);
  await page.goto(url);
  await page.locator('underpaint-view canvas').waitFor({ state: 'visible' });
  return page;
}

async function draw(page: Page, { prompt, png }: Example): Promise<void> {
  await page.locator('underpaint-studio').evaluate(
    async (element, given) => {
      const studio = element as UnderpaintStudio;
      const bytes = Uint8Array.from(atob(given.png), (character) => character.charCodeAt(0));
      const blob = new Blob([bytes], { type: 'image/png' });
      await studio.sketch.restore({ marks: [{ kind: 'picture', opacity: 1, blob }], background: null });
      studio.client!.setParams({ prompt: given.prompt });
      studio.client!.flushParams();
      await new Promise<void>((resolve) => {
        let timer = setTimeout(resolve, given.stillMs);
        studio.client!.addEventListener('image', () => {
          clearTimeout(timer);
          timer = setTimeout(resolve, given.stillMs);
        });
      });
    },
    { prompt, png, stillMs: STILL_MS },
  );
}

/** As JPEG, at the best quality that stays small enough for a README. */
async function take(page: Page, path: string): Promise<void> {
  for (let quality = 92; ; quality -= 6) {
    await page.screenshot({ path, type: 'jpeg', quality });
    const { size } = statSync(path);
    if (size > MAX_BYTES && quality > 40) continue;
    console.log(`${path} ${Math.round(size / 1024)} KB`);
    return;
  }
}

await main();
