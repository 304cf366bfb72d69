import type { Page } from 'playwright';

type Place = readonly [x: number, y: number];

/**
 * Makes a room of the page's drawing and adds two people who draw in it.
 *
 * @returns the link for drawing in the room
 */
export async function gather(page: Page, newPage: () => Promise<Page>): Promise<string> {
  await page.getByRole('button', { name: 'Draw together' }).click();
  const link = await page.getByRole('textbox', { name: 'Link to draw together' }).inputValue();
  await rename(page, 'Ada');
  const [ben, eve] = [await newPage(), await newPage()];
  await enter(ben, link, 'Ben');
  await enter(eve, link, 'Eve');
  await choose(ben, { color: '#f2f5f8', size: 17 });
  await follow(ben, wave([0.1, 0.13], [0.36, 0.11]));
  await follow(ben, wave([0.16, 0.17], [0.28, 0.16]));
  await follow(ben, wave([0.44, 0.24], [0.56, 0.25]));
  await choose(eve, { color: '#26402f', size: 20 });
  await follow(eve, wave([0.08, 0.95], [0.52, 0.9]), { lift: false });
  // By then the notices have disappeared and the picture is refined.
  await page.waitForTimeout(7_000);
  return link;
}

async function enter(page: Page, link: string, name: string): Promise<void> {
  await page.goto(link);
  await page.getByRole('button', { name: 'Draw together' }).click();
  await rename(page, name);
}

async function choose(page: Page, settings: { readonly color: string; readonly size: number }): Promise<void> {
  await page.locator('underpaint-sketch').evaluate((sketch, given) => void Object.assign(sketch, given), settings);
}

export async function rename(page: Page, name: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Your name' }).fill(name);
  // A click, because a key would show the focus ring.
  await page.getByRole('button', { name: 'Close' }).click();
}

/** Draws through places of the sketch, given as fractions of it. */
async function follow(page: Page, places: Iterable<Place>, { lift = true } = {}): Promise<void> {
  const box = (await page.locator('underpaint-sketch canvas').boundingBox())!;
  for (const [x, y] of places) {
    await page.mouse.move(box.x + x * box.width, box.y + y * box.height);
    await page.mouse.down();
  }
  if (lift) await page.mouse.up();
}

function* wave([fromX, fromY]: Place, [toX, toY]: Place): Generator<Place> {
  for (let part = 0; part <= 1; part += 0.04) {
    yield [fromX + part * (toX - fromX), fromY + part * (toY - fromY) + 0.012 * Math.sin(part * 14)];
  }
}
