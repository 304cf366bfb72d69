import axe from 'axe-core';
import type { BrowserContextOptions, Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { viewCanvas } from '../helpers/browser.js';
import { usePages, useServer } from '../helpers/pages.js';

const DEVICES: Readonly<Record<string, BrowserContextOptions>> = {
  desktop: {},
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  'desktop in forced colours': { forcedColors: 'active' },
};

/** States of the page. */
const SCENES: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  'as it opens': async () => undefined,
  'with everything open': async (page) => {
    await page.getByRole('button', { name: 'Keep this picture' }).click();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const readout = page.getByRole('button', { name: /\d ms/ });
    // A narrow bar has no place for it.
    if (await readout.isVisible()) await readout.click();
  },
  'with layers and a selection': async (page) => {
    await page.getByRole('button', { name: 'Layers' }).click();
    await page.getByRole('button', { name: 'Select and move' }).click();
    await page.locator('underpaint-sketch').focus();
    await page.keyboard.press('Control+a');
    await page.getByRole('button', { name: 'Duplicate' }).waitFor();
  },
  'with the ideas': async (page) => {
    await page.getByRole('button', { name: 'Ideas' }).click();
    await page.locator('underpaint-ideas .card').first().waitFor();
  },
  'with the table of keys': (page) => page.getByRole('button', { name: 'Keys' }).click(),
  'with the camera, split': async (page) => {
    await page.getByRole('button', { name: 'Camera', exact: true }).click();
    await page.getByRole('button', { name: 'Split at a line' }).click();
  },
  'with text of twice the size': async (page) => {
    await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
  },
  'in a room': async (page) => {
    await page.getByRole('button', { name: 'Draw together' }).click();
    await page.getByRole('button', { name: 'Copy view-only link' }).waitFor();
  },
};

describe('accessibility of the pages', () => {
  const pages = usePages();
  const server = useServer();

  it.each([
    { path: '', device: 'desktop', colorScheme: 'light', scenes: Object.keys(SCENES) },
    {
      path: '',
      device: 'desktop',
      colorScheme: 'dark',
      scenes: ['as it opens', 'with everything open', 'with the ideas', 'in a room'],
    },
    { path: '', device: 'phone', colorScheme: 'light', scenes: ['with everything open', 'with the ideas'] },
    { path: '', device: 'phone', colorScheme: 'dark', scenes: ['with everything open', 'in a room'] },
    {
      path: '',
      device: 'desktop in forced colours',
      colorScheme: 'dark',
      scenes: ['as it opens', 'with everything open', 'with layers and a selection', 'in a room'],
    },
    { path: 'embed?starter', device: 'desktop', colorScheme: 'light', scenes: ['as it opens'] },
    { path: 'embed?starter', device: 'phone', colorScheme: 'dark', scenes: ['as it opens'] },
  ] as const)('/$path on a $device, $colorScheme', async ({ path, device, colorScheme, scenes }) => {
    const options = { ...DEVICES[device], colorScheme, permissions: ['camera'] };
    const { page } = await pages.open(server.url + path, options);
    await viewCanvas(page).waitFor({ state: 'visible' });
    await page.evaluate(axe.source);
    for (const scene of scenes) {
      await SCENES[scene]!(page);
      expect({ scene, violations: await violations(page) }).toEqual({ scene, violations: [] });
      await page.keyboard.press('Escape');
    }
    await page.context().close();
  });
});

async function violations(page: Page): Promise<string[]> {
  const results = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ['violations'] }),
  );
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
