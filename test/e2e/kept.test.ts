import type { BrowserContext, Page } from 'playwright';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { drawLine, setUpSketch, sketchColor, viewCanvas } from '../helpers/browser.js';
import { usePages, useServer } from '../helpers/pages.js';
import { QUICK, serve } from '../helpers/serve.js';

const RED = '#ff0000';
const BLUE = '#0000ff';
const PATIENT = { timeout: 20_000 };
/** Longer than the pause before a drawing is saved. */
const SAVED_MS = 900;
const SHARED_SAVED_MS = 2_500;

describe('a drawing is kept', () => {
  const pages = usePages();
  const server = useServer();
  let context: BrowserContext;

  beforeEach(async () => {
    context = await pages.browser.newContext({ viewport: { width: 1000, height: 800 } });
  });
  afterEach(() => context.close());

  async function open(url = server.url, isReady = true): Promise<Page> {
    const page = await context.newPage();
    await page.goto(url);
    if (isReady) await viewCanvas(page).waitFor({ state: 'visible' });
    return page;
  }

  async function draw(page: Page, color: string, y: number): Promise<void> {
    await page.bringToFront();
    await setUpSketch(page, { color, size: 30, smoothing: 0 });
    await drawLine(page, [0.2, y], [0.8, y]);
  }

  /** A tab behind another one paints once a second. */
  async function sees(page: Page, y: number, color: string): Promise<void> {
    await page.bringToFront();
    await expect.poll(() => sketchColor(page, [0.5, y]), PATIENT).toBe(color);
  }

  async function seesNo(page: Page, y: number, color: string): Promise<void> {
    await page.bringToFront();
    await expect.poll(() => sketchColor(page, [0.5, y]), PATIENT).not.toBe(color);
  }

  const words = (page: Page) => page.getByRole('textbox', { name: 'What is it?' });
  const notice = (page: Page) => page.locator('underpaint-studio .notice');
  async function undo(page: Page): Promise<void> {
    await page.bringToFront();
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
  }

  const strength = (page: Page) => page.getByRole('slider', { name: 'Strength' });

  const makeAgain = (page: Page) => page.getByRole('button', { name: 'Make a new room of this drawing' });

  async function makeRoom(page: Page): Promise<{ readonly draw: string; readonly owner: string }> {
    await page.bringToFront();
    await page.getByRole('button', { name: 'Draw together' }).click();
    const link = await page.getByRole('textbox', { name: 'Link to draw together' }).inputValue();
    await page.keyboard.press('Escape');
    return { draw: link, owner: page.url() };
  }

  async function leave(page: Page): Promise<void> {
    await page.bringToFront();
    await page.getByRole('button', { name: 'Draw together' }).click();
    await page.getByRole('button', { name: 'Leave the room' }).click();
  }

  it('as one’s own after leaving a room, with words and settings; Back enters the room again', async () => {
    const ada = await open();
    const room = await makeRoom(ada);
    const ben = await open(room.draw);
    await draw(ben, RED, 0.2);
    await sees(ada, 0.2, RED);
    await words(ada).fill('a quiet bay');
    await words(ada).press('Enter');
    await strength(ada).fill('0.8');
    await expect.poll(() => words(ben).inputValue(), PATIENT).toBe('a quiet bay');
    for (const [page, address] of [
      [ada, room.owner],
      [ben, room.draw],
    ] as const) {
      await leave(page);
      await expect.poll(() => notice(page).textContent(), PATIENT).toContain('lives on at its link');
      expect(page.url()).not.toContain('#room');
      await sees(page, 0.2, RED);
      await expect.poll(() => words(page).inputValue(), PATIENT).toBe('a quiet bay');
      await expect.poll(() => strength(page).inputValue(), PATIENT).toBe('0.8');
      await page.goBack();
      expect(page.url()).toBe(address);
      await expect.poll(() => page.getByRole('button', { name: 'Draw together' }).textContent(), PATIENT).toMatch(/\d/);
    }
    await draw(ben, BLUE, 0.7);
    await sees(ada, 0.7, BLUE);
  });

  it('and the person’s own drawing from before a visit is one undo away', async () => {
    const ada = await open();
    const { draw: link } = await makeRoom(ada);
    const other = await pages.browser.newContext();
    const ben = await other.newPage();
    await ben.goto(server.url);
    await draw(ben, BLUE, 0.5);
    await ben.waitForTimeout(SAVED_MS);
    await draw(ada, RED, 0.2);
    await ben.goto(link);
    await sees(ben, 0.2, RED);
    await leave(ben);
    await sees(ben, 0.2, RED);
    await undo(ben);
    await sees(ben, 0.5, BLUE);
    await other.close();
  });

  it('with undo after a reload in a room, beside what others drew', async () => {
    const ada = await open();
    const { draw: link } = await makeRoom(ada);
    await draw(ada, RED, 0.2);
    await draw(ada, RED, 0.4);
    const ben = await open(link);
    await draw(ben, BLUE, 0.7);
    await sees(ada, 0.7, BLUE);
    await ada.reload();
    await sees(ada, 0.4, RED);
    for (const y of [0.4, 0.2]) {
      await undo(ada);
      await seesNo(ben, y, RED);
    }
    await sees(ben, 0.7, BLUE);
    await ada.getByRole('button', { name: 'Redo', exact: true }).click();
    await sees(ben, 0.2, RED);
  });

  it('and the owner of a locked room hears that it stays locked', async () => {
    const ada = await open();
    await makeRoom(ada);
    await ada.getByRole('button', { name: 'Draw together' }).click();
    await ada.getByRole('checkbox', { name: 'Lock the sketch: only I can draw' }).check();
    await ada.getByRole('button', { name: 'Leave the room' }).click();
    await expect.poll(() => notice(ada).textContent(), PATIENT).toContain('stays locked');
  });

  it('when its room is gone: editable, and one button makes a new room of it', async () => {
    const first = await serve(0, ...QUICK);
    const ada = await open(first.url);
    const room = await makeRoom(ada);
    const ben = await open(room.draw);
    await draw(ben, RED, 0.2);
    await sees(ada, 0.2, RED);
    await ada.waitForTimeout(SHARED_SAVED_MS);
    await ada.close();
    await first.kill();
    const second = await serve(first.port, ...QUICK);
    await makeAgain(ben).waitFor();
    expect(await ben.getByText('Watching').count()).toBe(0);
    await draw(ben, BLUE, 0.7);
    for (const [y, color] of [
      [0.2, RED],
      [0.7, BLUE],
    ] as const)
      await sees(ben, y, color);
    const late = await open(room.owner);
    await makeAgain(late).waitFor();
    await sees(late, 0.2, RED);

    await makeAgain(ben).click();
    const link = await ben.getByRole('textbox', { name: 'Link to draw together' }).inputValue();
    await late.goto(link);
    await sees(late, 0.7, BLUE);
    expect(await makeAgain(late).count(), 'the room was found').toBe(0);
    await Promise.all([late.close(), ben.close()]);
    await second.stop();
  }, 150_000);

  it('when the link of a room is wrong', async () => {
    const page = await open(`${server.url}#room=AAAAAAAAAAAAAAAAAAAAAA`);
    await makeAgain(page).waitFor();
    await draw(page, RED, 0.2);
    await sees(page, 0.2, RED);
    await makeAgain(page).click();
    await expect.poll(() => page.url(), PATIENT).toMatch(/#room=(?!AAAA)/);
    await page.keyboard.press('Escape');
    await sees(page, 0.2, RED);
  });

  it('over a reload, with words, settings and fifty steps to undo', async () => {
    const page = await open();
    await words(page).fill('a quiet bay');
    await strength(page).fill('0.8');
    await page.getByRole('button', { name: 'Split at a line' }).click();
    await page.getByRole('button', { name: 'Keep the seed when the words change' }).click();
    await page.getByRole('button', { name: 'Ellipse' }).click();
    await page.locator('underpaint-sketch').evaluate((element) => {
      const { drawing } = element as HTMLElementTagNameMap['underpaint-sketch'];
      const box = { kind: 'rectangle', size: 1, opacity: 1, from: [90, 30], to: [170, 70] } as const;
      for (let step = 0; step < 50; step++) drawing.add({ ...box, color: step === 0 ? '#ff0000' : '#0000ff' });
    });
    await page.waitForTimeout(SAVED_MS);
    await page.reload();
    await sees(page, 0.2, BLUE);
    await expect.poll(() => words(page).inputValue(), PATIENT).toBe('a quiet bay');
    expect(await strength(page).inputValue()).toBe('0.8');
    expect(await page.locator('underpaint-studio').getAttribute('view')).toBe('split');
    for (const [name, pressed] of [
      ['Keep the seed when the words change', 'false'],
      ['Ellipse', 'true'],
    ] as const)
      expect(await page.getByRole('button', { name }).getAttribute('aria-pressed'), name).toBe(pressed);
    for (let step = 0; step < 49; step++) await page.keyboard.press('Control+z');
    await sees(page, 0.2, RED);
    await page.keyboard.press('Control+z');
    await seesNo(page, 0.2, RED);
  });

  it('with its steps to undo in a room made of it', async () => {
    const page = await open();
    await draw(page, RED, 0.2);
    await draw(page, BLUE, 0.2);
    await makeRoom(page);
    await undo(page);
    await sees(page, 0.2, RED);
    await undo(page);
    await seesNo(page, 0.2, RED);
    await page.getByRole('button', { name: 'Redo' }).click();
    await sees(page, 0.2, RED);
  });

  it('apart from the drawing of another tab; a list brings any back', async () => {
    const first = await open();
    await draw(first, RED, 0.2);
    await words(first).fill('a red line');
    await first.waitForTimeout(SAVED_MS);
    const second = await open();
    expect(await sketchColor(second, [0.5, 0.2]), 'a sheet of its own').not.toBe(RED);
    await draw(second, BLUE, 0.5);
    await second.waitForTimeout(SAVED_MS);
    await Promise.all([first.reload(), second.reload()]);
    await sees(first, 0.2, RED);
    await sees(second, 0.5, BLUE);

    await second.getByRole('button', { name: 'Drawings' }).click();
    await second.getByRole('button', { name: /^Open: a red line/ }).click();
    await sees(second, 0.2, RED);
    await expect.poll(() => words(second).inputValue(), PATIENT).toBe('a red line');
    await draw(second, BLUE, 0.7);
    await second.waitForTimeout(SAVED_MS);
    await draw(first, BLUE, 0.9);
    await first.waitForTimeout(SAVED_MS);
    await Promise.all([first.reload(), second.reload()]);
    await sees(first, 0.9, BLUE);
    expect(await sketchColor(first, [0.5, 0.7]), 'neither tab overwrites the other').not.toBe(BLUE);
    await sees(second, 0.7, BLUE);
    await second.getByRole('button', { name: 'Drawings' }).click();
    await expect.poll(() => second.getByRole('button', { name: /^Open: / }).count(), PATIENT).toBe(3);
  });

  it('when its tab is closed: the next tab shows it', async () => {
    const first = await open();
    await draw(first, RED, 0.2);
    await first.waitForTimeout(SAVED_MS);
    await first.close();
    await sees(await open(), 0.2, RED);
  });
});
