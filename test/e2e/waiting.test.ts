import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, openPage, sketchCanvas, viewCanvas } from '../helpers/browser.js';
import { QUICK, serve, type RunningServer } from '../helpers/serve.js';

describe('a full server', () => {
  let server: RunningServer;
  let browser: Browser;

  beforeAll(async () => {
    [server, browser] = await Promise.all([serve(0, ...QUICK, '--max-sessions', '1'), launchBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  const says = (page: Page, words: string) =>
    page.locator('underpaint-status').getByRole('status').filter({ hasText: words }).waitFor();

  it('shows the second page its place in line and a sketch, and connects it later', async () => {
    const { page: first } = await openPage(browser, server.url);
    await says(first, 'Live');
    const { page: second } = await openPage(browser, server.url);
    await says(second, 'In line: 1');
    expect(await sketchCanvas(second).isVisible()).toBe(true);
    expect(await viewCanvas(second).isVisible()).toBe(false);
    await first.close();
    await says(second, 'Live');
    await viewCanvas(second).waitFor({ state: 'visible' });
  });
});
