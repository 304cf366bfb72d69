import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawLine, setUpSketch, sketchColor, thumbnail, viewCanvas } from '../helpers/browser.js';
import { usePages } from '../helpers/pages.js';
import { startProxy } from '../helpers/proxy.js';
import { QUICK, serve, type RunningServer } from '../helpers/serve.js';

const RED = '#ff0000';

describe('when the server dies', () => {
  const pages = usePages();
  let server: RunningServer;
  let page: Page;

  beforeAll(async () => {
    server = await serve(0, ...QUICK);
    ({ page } = await pages.open(server.url));
    await viewCanvas(page).waitFor({ state: 'visible' });
  });
  afterAll(() => server?.stop());

  const says = (words: string) =>
    page.locator('underpaint-status').getByRole('status').filter({ hasText: words }).waitFor({ timeout: 30_000 });

  it('keeps drawing and picture, shows its state, reconnects and sends the new strokes', async () => {
    const prompt = page.getByRole('textbox', { name: 'What is it?' });
    await prompt.fill('a foggy forest');
    await prompt.press('Enter');
    await setUpSketch(page, { color: RED, size: 40 });
    await drawLine(page, [0.2, 0.2], [0.8, 0.2]);
    const { port } = server;

    await server.kill();
    await says('Reconnecting');
    expect(await viewCanvas(page).isVisible(), 'the last picture stays').toBe(true);
    expect(await page.getByRole('button', { name: 'Try now' }).isVisible()).toBe(true);
    await drawLine(page, [0.2, 0.8], [0.8, 0.8]);
    const last = await thumbnail(viewCanvas(page));

    server = await serve(port, ...QUICK);
    await says('Live');
    await page.waitForFunction(
      ([before]) => {
        const canvas = document
          .querySelector('underpaint-studio')!
          .shadowRoot!.querySelector('underpaint-view')!
          .shadowRoot!.querySelector('canvas')!;
        const small = new OffscreenCanvas(32, 32).getContext('2d')!;
        small.drawImage(canvas, 0, 0, 32, 32);
        const now = small.getImageData(0, 0, 32, 32).data;
        return now.some((level, i) => Math.abs(level - before[i]!) > 4);
      },
      [last] as const,
    );
    expect(await sketchColor(page, [0.5, 0.2])).toBe(RED);
    expect(await sketchColor(page, [0.5, 0.8])).toBe(RED);
    expect(await prompt.inputValue()).toBe('a foggy forest');
    const params = await page
      .locator('underpaint-studio')
      .evaluate((studio) => (studio as HTMLElementTagNameMap['underpaint-studio']).client!.params);
    expect(params.prompt).toBe('a foggy forest');
  });

  it('resumes its session after a network failure: parameters, numbers, last picture', async () => {
    const proxy = await startProxy(server.port);
    try {
      const { page: other } = await pages.open(`http://127.0.0.1:${proxy.port}/`);
      await viewCanvas(other).waitFor({ state: 'visible' });
      const prompt = other.getByRole('textbox', { name: 'What is it?' });
      await prompt.fill('rolling hills');
      await prompt.press('Enter');
      await expect.poll(async () => (await stream(other)).prompt).toBe('rolling hills');
      const before = await stream(other);
      await setUpSketch(other, { color: RED, size: 40 });
      proxy.cut();
      await expect.poll(async () => (await stream(other)).welcomes).toBe(before.welcomes + 1);
      const after = await stream(other);
      expect(after.session).toBe(before.session);
      expect(after.welcomePrompt, 'the server had kept it').toBe('rolling hills');
      expect(after.lastSeq).toBeGreaterThan(0);
      await drawLine(other, [0.2, 0.3], [0.8, 0.3]);
      await expect.poll(async () => (await stream(other)).images).toBeGreaterThan(after.images);
      await other.close();
    } finally {
      proxy.close();
    }
  });
});

/** The state of the page's stream. Counts start at the first call. */
function stream(page: Page) {
  return page.locator('underpaint-studio').evaluate((studio) => {
    const client = (studio as HTMLElementTagNameMap['underpaint-studio']).client!;
    const counts = ((studio as unknown as { counts?: { images: number; welcomes: unknown[] } }).counts ??= (() => {
      const made = { images: 0, welcomes: [client.welcome] as unknown[] };
      client.addEventListener('image', () => (made.images += 1));
      client.addEventListener('statechange', () => {
        if (client.state.status === 'live' && !made.welcomes.includes(client.welcome))
          made.welcomes.push(client.welcome);
      });
      return made;
    })());
    const { session, lastSeq, params } = client.welcome!;
    const { images, welcomes } = counts;
    const { prompt } = client.params;
    return { session, lastSeq, prompt, welcomePrompt: params.prompt, images, welcomes: welcomes.length };
  });
}
