import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { chromium, type Page } from 'playwright';
import type { UnderpaintStudio } from '../src/index.js';
import { chromiumLaunchOptions } from './chromium.js';
import { at, option, serve } from './serve.js';

/*
 * Makes the pictures of a model's ideas: opens each drawing in the studio, with its words and settings, and keeps the
 * picture that the model makes of it.
 *
 *     npm run ideas -w client                       of the embedded model
 *     npm run ideas -w client -- --model FOLDER     of another one with a folder `ideas`
 */

const EXTENSION = '.underpaint';
/** The pictures are this wide, in pixels. */
const WIDTH = 192;
const QUALITY = 0.8;

type IdeaFile = Required<UnderpaintStudio['sketch']['state']> & { readonly params: UnderpaintStudio['params'] };

async function main(): Promise<void> {
  const model = option('model') ?? at('models/landscape');
  const folder = `${model}/ideas`;
  const names = readdirSync(folder).filter((name) => name.endsWith(EXTENSION));
  const server = await serve('--model', model, '--workers', '1', '--refine-steps', '0');
  const browser = await chromium.launch(chromiumLaunchOptions());
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    await page.locator('underpaint-view canvas').waitFor({ state: 'visible' });
    for (const name of names.sort()) {
      const picture = await paint(page, JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as IdeaFile);
      writeFileSync(`${folder}/${basename(name, EXTENSION)}.webp`, picture);
      console.log(`${name} ${picture.length} bytes`);
    }
  } finally {
    await browser.close();
    server.stop();
  }
}

/** The model's picture of a drawing, as WebP. */
async function paint(page: Page, idea: IdeaFile): Promise<Buffer> {
  const given = { idea, width: WIDTH, quality: QUALITY };
  const url = await page.locator('underpaint-studio').evaluate(async (element, { idea, width, quality }) => {
    const studio = element as UnderpaintStudio;
    const client = studio.client!;
    const { params, marks, layers, paper } = idea;
    await studio.sketch.restore({ marks, layers, paper, background: null });
    client.setParams(params);
    client.flushParams();
    // The words may arrive after the drawing: the picture is the last one when nothing has come for a while.
    for (let quiet = 0; quiet < 10; quiet = client.isBehind ? 0 : quiet + 1)
      await new Promise((resolve) => setTimeout(resolve, 200));
    const canvas = Object.assign(document.createElement('canvas'), { width, height: width });
    const bitmap = await createImageBitmap(studio.result.picture!);
    const context = canvas.getContext('2d')!;
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, 0, 0, width, width);
    return canvas.toDataURL('image/webp', quality);
  }, given);
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
}

await main();
