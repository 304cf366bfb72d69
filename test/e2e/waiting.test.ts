import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { sketchCanvas, viewCanvas } from '../helpers/browser.js';
import { usePages, useServer } from '../helpers/pages.js';

describe('a full server', () => {
  const pages = usePages();
  const server = useServer(['--max-sessions', '1']);

  const says = (page: Page, words: string) =>
    page.locator('underpaint-status').getByRole('status').filter({ hasText: words }).waitFor();

  it('shows the second page its place in line and a sketch, and connects it later', async () => {
    const { page: first } = await pages.open(server.url);
    await says(first, 'Live');
    const { page: second } = await pages.open(server.url);
    await says(second, 'In line: 1');
    expect(await sketchCanvas(second).isVisible()).toBe(true);
    expect(await viewCanvas(second).isVisible()).toBe(false);
    await first.close();
    await says(second, 'Live');
    await viewCanvas(second).waitFor({ state: 'visible' });
  });
});
