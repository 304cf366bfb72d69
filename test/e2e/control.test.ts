import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { difference, drawLine, setUpSketch, sketchColor, thumbnail, viewCanvas } from '../helpers/browser.js';
import { usePages, useServer } from '../helpers/pages.js';

const modelAt = (path: string) => fileURLToPath(new URL(`../fixtures/${path}`, import.meta.url));
const WITH_CONTROL = modelAt('control/models/lcm-cond');
const WITHOUT_CONTROL = modelAt('models/sd-turbo');
const PAPER = '#fff4d8';
const RED = '#ff0000';

/* The page with models that take the sketch in different ways. */

describe.each([
  { model: WITH_CONTROL, card: { emptySheet: PAPER, startsFromNoise: true, vocabulary: ['lake'] }, hasControl: true },
  { model: WITHOUT_CONTROL, card: { emptySheet: PAPER }, hasControl: false },
])('the page with $model', ({ model, card, hasControl }) => {
  let folder: string;
  let page: Page;
  let problems: readonly string[];

  const pages = usePages();
  const server = useServer(async () => {
    folder = await mkdtemp(join(tmpdir(), 'underpaint-page-'));
    await cp(model, folder, { recursive: true });
    await writeFile(join(folder, 'underpaint.json'), JSON.stringify(card));
    return ['--model', folder];
  });
  beforeAll(async () => {
    ({ page, problems } = await pages.open(server.url));
    await viewCanvas(page).waitFor({ state: 'visible' });
  });
  afterAll(() => rm(folder, { recursive: true }));

  const slider = (name: string) => page.getByRole('slider', { name });

  it('shows the sliders that matter, and no others', async () => {
    expect(await slider('Strength').count()).toBe(1);
    expect(await slider('Follow the sketch').count()).toBe(hasControl ? 1 : 0);
    // The other model is not guided.
    expect(await slider('Guidance').count()).toBe(hasControl ? 1 : 0);
  });

  it.runIf(hasControl)('paints another picture when the sketch is to be followed less', async () => {
    const before = await thumbnail(viewCanvas(page));
    await slider('Follow the sketch').fill('0');
    await vi.waitFor(async () => expect(difference(before, await thumbnail(viewCanvas(page)))).toBeGreaterThan(1), {
      timeout: 10_000,
    });
  });

  it('has the paper of the model under everything: the starter, the eraser and an empty sheet', async () => {
    expect(await sketchColor(page, [0.5, 0.05]), 'the sky of the starter').not.toBe(PAPER);
    await page.getByRole('button', { name: 'Clear the sketch' }).click();
    expect(await sketchColor(page, [0.5, 0.5])).toBe(PAPER);
    await setUpSketch(page, { color: RED, size: 40, tool: 'stroke' });
    await drawLine(page, [0.2, 0.5], [0.8, 0.5]);
    expect(await sketchColor(page, [0.5, 0.5])).toBe(RED);
    await setUpSketch(page, { tool: 'eraser' });
    await drawLine(page, [0.4, 0.5], [0.6, 0.5]);
    expect(await sketchColor(page, [0.5, 0.5])).toBe(PAPER);
  });

  it('names unknown words, if the model tells which it knows', async () => {
    await page.getByRole('textbox', { name: 'What is it?' }).fill('dragon lake');
    expect(await page.getByText('Not known to this model: dragon').count()).toBe(hasControl ? 1 : 0);
  });

  it('causes no errors', () => {
    expect(problems).toEqual([]);
  });
});
