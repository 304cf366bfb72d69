import type { Page } from 'playwright';
import { beforeAll, describe, expect, it } from 'vitest';
import { drawLine, setUpSketch, sketchColor, type, viewCanvas } from '../helpers/browser.js';
import { usePages, useServer } from '../helpers/pages.js';

const RED = '#ff0000';
const BLUE = '#0000ff';
const PATIENT = { timeout: 20_000 };

describe('the owner of a room', () => {
  const pages = usePages();
  const server = useServer(['--device', 'fake:10ms+1ms']);
  let ada: Page;
  let ben: Page;
  let link: string;

  beforeAll(async () => {
    ada = (await pages.open(server.url)).page;
    await viewCanvas(ada).waitFor({ state: 'visible' });
    await ada.getByRole('button', { name: 'Draw together' }).click();
    link = await ada.getByRole('textbox', { name: 'Link to draw together' }).inputValue();
    await ada.keyboard.press('Escape');
    ben = (await pages.open(link)).page;
  });

  const names = () => ada.locator('underpaint-people .name').allTextContents();
  const closed = () => ada.getByRole('checkbox', { name: 'Close the room' });
  const told = () => ben.locator('underpaint-studio .lost').textContent();
  const adaSees = (color: string, y: number) => expect.poll(() => sketchColor(ada, [0.5, y]), PATIENT).toBe(color);

  async function drawAs(page: Page, color: string, y: number): Promise<void> {
    await setUpSketch(page, { tool: 'stroke', color, size: 30 });
    await drawLine(page, [0.2, y], [0.8, y]);
  }

  it('removes a person: they are told, keep the drawing as their own, and change nothing in the room', async () => {
    await ben.getByRole('button', { name: 'Draw together' }).click();
    await type(ben.getByRole('textbox', { name: 'Your name' }), 'Ben');
    await ben.keyboard.press('Escape');
    await drawAs(ben, BLUE, 0.3);
    await adaSees(BLUE, 0.3);
    await ada.getByRole('button', { name: 'Draw together' }).click();
    await ada.getByRole('button', { name: 'What you can do about Ben' }).click();
    await ada.getByRole('button', { name: 'Remove from the room' }).click();
    await expect.poll(told, PATIENT).toContain('removed you from the room');
    expect(await closed().isChecked()).toBe(true);
    expect(await sketchColor(ben, [0.5, 0.3])).toBe(BLUE);
    await drawAs(ben, RED, 0.9);
    expect(await sketchColor(ben, [0.5, 0.9])).toBe(RED);
    expect(await sketchColor(ada, [0.5, 0.9])).not.toBe(RED);
  });

  it('lets nobody new in, not even by the same link, until the room is open again', async () => {
    await ben.goto(link);
    await expect.poll(told, PATIENT).toContain('nobody new');
    expect(await names()).toEqual(['Ben']);
    expect(await ada.locator('underpaint-people .gone').count()).toBe(1);
    await closed().uncheck();
    await ben.getByRole('button', { name: 'Try now' }).click();
    await expect.poll(() => ada.locator('underpaint-people li:not(.gone) .name').count(), PATIENT).toBe(1);
    await drawAs(ben, RED, 0.6);
    await adaSees(RED, 0.6);
  });

  it('takes back the marks of a person, here or gone, and undo brings them back', async () => {
    const open = (row: string) => ada.locator(`underpaint-people ${row} .more`).click();
    await open('li:not(.gone)');
    await ada.getByRole('button', { name: 'Undo all marks (1)' }).click();
    await expect.poll(() => sketchColor(ben, [0.5, 0.6]), PATIENT).not.toBe(RED);
    await adaSees(BLUE, 0.3);
    await open('.gone');
    await ada.getByRole('button', { name: 'Undo the newest mark' }).click();
    await expect.poll(() => sketchColor(ben, [0.5, 0.3]), PATIENT).not.toBe(BLUE);
    await expect.poll(() => ada.locator('underpaint-people .gone').count(), PATIENT).toBe(0);
    await ada.keyboard.press('Escape');
    await ada.getByRole('button', { name: 'Undo', exact: true }).click();
    await expect.poll(() => sketchColor(ben, [0.5, 0.3]), PATIENT).toBe(BLUE);
  });

  it('goes back to the sheet of an earlier picture, as a step that undo takes back', async () => {
    await ada.getByRole('button', { name: 'Keep this picture' }).click();
    await ada.locator('underpaint-snapshots [data-kept]').waitFor();
    await drawAs(ben, RED, 0.3);
    await adaSees(RED, 0.3);
    await ada.locator('underpaint-snapshots [data-kept]').click();
    await ada.getByRole('button', { name: 'Go back to this' }).click();
    await expect.poll(() => sketchColor(ben, [0.5, 0.3]), PATIENT).toBe(BLUE);
    await ada.getByRole('button', { name: 'Undo', exact: true }).click();
    await expect.poll(() => sketchColor(ben, [0.5, 0.3]), PATIENT).toBe(RED);
  });
});
