import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright';
import { build } from 'vite';
import { afterAll, describe, expect, it } from 'vitest';
import { difference, thumbnail, viewCanvas } from '../helpers/browser.js';
import { usePages, useServer } from '../helpers/pages.js';
import { startSite, type Site } from '../helpers/site.js';

const EXAMPLES = fileURLToPath(new URL('../../client/examples', import.meta.url));

describe('on pages of other origins', () => {
  let allowed: Site;
  let stranger: Site;
  let react: Site;
  let reactFolder: string;

  const pages = usePages();
  const server = useServer(async () => {
    const address = () => server.url;
    /** The strictest policy that allows the widget of another server. */
    const policy = () => {
      const { origin, host } = new URL(server.url);
      return [
        "default-src 'none'",
        `script-src 'self' ${origin}`,
        "style-src 'self'",
        "img-src 'self' blob:",
        'media-src blob:',
        `connect-src ws://${host} ${origin}`,
        `frame-src ${origin}`,
      ].join('; ');
    };
    reactFolder = await buildReactExample();
    [allowed, stranger, react] = await Promise.all([
      startSite(EXAMPLES, { server: address, policy }),
      startSite(EXAMPLES, { server: address }),
      startSite(reactFolder, { server: address }),
    ]);
    return ['--allowed-origins', `${allowed.origin},${react.origin}`];
  });
  afterAll(async () => {
    allowed?.close();
    stranger?.close();
    react?.close();
    if (reactFolder) await rm(reactFolder, { recursive: true });
  });

  it('a script tag makes a whole studio, under a strict policy', async () => {
    const { page, problems } = await pages.open(`${allowed.origin}/plain.html`);
    await page.locator('underpaint-view canvas').waitFor({ state: 'visible' });
    const accent = page.locator('underpaint-toolbar button[aria-pressed=true]');
    expect(await accent.evaluate((element) => getComputedStyle(element).backgroundColor)).toBe('rgb(138, 51, 36)');
    expect(problems).toEqual([]);
    await page.close();
  });

  it('two studios on one page are two people in one room', async () => {
    const { page, problems } = await pages.open(`${allowed.origin}/together.html`);
    const canvas = page.locator('underpaint-sketch canvas');
    await expect.poll(() => page.locator('underpaint-cursors').count(), { timeout: 10_000 }).toBe(2);
    const seen = () =>
      page.locator('underpaint-studio').evaluateAll((studios) =>
        studios.map((studio) => {
          const { currentRoom } = studio as HTMLElementTagNameMap['underpaint-studio'];
          return currentRoom?.people.map(({ state }) => state?.name).join();
        }),
      );
    await expect.poll(seen).toEqual(['Ada,Ben', 'Ben,Ada']);
    const blank = await thumbnail(canvas.nth(1));
    const box = (await canvas.first().boundingBox())!;
    await page.mouse.move(box.x + 0.2 * box.width, box.y + 0.2 * box.height);
    await page.mouse.down();
    await page.mouse.move(box.x + 0.8 * box.width, box.y + 0.2 * box.height, { steps: 5 });
    await page.mouse.up();
    await expect.poll(async () => difference(blank, await thumbnail(canvas.nth(1)))).toBeGreaterThan(1);
    await page.locator('underpaint-view canvas').nth(1).waitFor({ state: 'visible' });
    expect(problems).toEqual([]);
    await page.close();
  });

  it('a page of a forbidden origin gets no picture, and shows what to set on the server', async () => {
    const { page } = await pages.open(`${stranger.origin}/plain.html`);
    await page.locator('underpaint-status').getByRole('status').filter({ hasText: 'not allowed' }).waitFor();
    const notice = page.locator('underpaint-studio .notice');
    expect(await notice.textContent()).toContain(`--allowed-origins ${stranger.origin}`);
    expect(await page.locator('underpaint-view canvas').isVisible()).toBe(false);
    await page.close();
  });

  it('the gallery connects its studios as they come near, and shows a picture in each', async () => {
    const { page, problems } = await pages.open(`${allowed.origin}/gallery.html`);
    const studios = page.locator('underpaint-studio');
    const last = studios.last().locator('underpaint-view canvas');
    await studios.first().locator('underpaint-view canvas').waitFor({ state: 'visible' });
    expect(await last.isVisible()).toBe(false);
    await page.locator('#own > label input').fill('0.3');
    await studios.last().scrollIntoViewIfNeeded();
    await last.waitFor({ state: 'visible' });
    expect(await page.locator('#log').textContent()).toContain('up-');
    expect(problems).toEqual([]);
    await page.close();
  });

  it('a canvas of the page is a source without any element', async () => {
    const { page, problems } = await pages.open(`${allowed.origin}/canvas.html`);
    const picture = page.locator('#picture');
    await page.waitForFunction(() => document.querySelector('img')!.naturalWidth > 0);
    const first = await picture.getAttribute('src');
    await page.locator('#canvas').click({ position: { x: 60, y: 60 } });
    await page.waitForFunction((before) => document.querySelector('img')!.src !== before, first);
    expect(problems).toEqual([]);
    await page.close();
  });

  it('the elements work separately, with the camera', async () => {
    const { page, problems } = await pages.open(`${allowed.origin}/webcam.html`, { permissions: ['camera'] });
    await page.getByRole('button', { name: 'Camera', exact: true }).click();
    await page.locator('underpaint-view canvas').waitFor({ state: 'visible' });
    expect(await page.getByRole('slider', { name: 'Strength' }).isVisible()).toBe(true);
    expect(problems).toEqual([]);
    await page.close();
  });

  it('the frame shows a studio on an allowed page only', async () => {
    const { page } = await pages.open(`${allowed.origin}/iframe.html`);
    await page.frameLocator('iframe').locator('underpaint-view canvas').waitFor({ state: 'visible' });
    const words = page.frameLocator('iframe').getByRole('textbox', { name: 'What is it?' });
    expect(await words.inputValue()).toBe('northern lights over snowy peaks');
    await page.locator('#words').fill('a quiet bay');
    await expect.poll(() => words.inputValue()).toBe('a quiet bay');
    await expect.poll(() => page.locator('#state').textContent()).toBe('live: a quiet bay');
    await page.locator('#take').click();
    await page.waitForFunction(() => document.querySelector<HTMLImageElement>('#picture')!.naturalWidth > 0);
    await page.close();

    const { page: other, problems } = await pages.open(`${stranger.origin}/iframe.html`);
    await expect.poll(() => problems.join('\n')).toContain('frame-ancestors');
    expect(await other.frameLocator('iframe').locator('underpaint-studio').count()).toBe(0);
    await other.close();
  });

  it('the frame hears its parent only, and tells nobody else', async () => {
    const { page } = await pages.open(`${allowed.origin}/iframe.html`);
    const frame = page.frameLocator('iframe').first();
    await frame.locator('underpaint-view canvas').waitFor({ state: 'visible' });
    const prompt = () =>
      frame.locator('underpaint-studio').evaluate((studio) => (studio as never as { prompt: string }).prompt);
    await frame.locator('body').evaluate(() => {
      postMessage({ type: 'underpaint:set', params: { prompt: 'from the frame itself' } }, '*');
    });
    const other = `${server.url}embed?origin=${encodeURIComponent(stranger.origin)}`;
    const heard = await page.evaluate(async (address) => {
      let messages = 0;
      const second = Object.assign(document.createElement('iframe'), { src: address });
      addEventListener('message', ({ source }) => void (messages += source === second.contentWindow ? 1 : 0));
      document.body.append(second);
      await new Promise((resolve) => second.addEventListener('load', resolve));
      second.contentWindow!.postMessage({ type: 'underpaint:ask', what: 'state' }, '*');
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      return messages;
    }, other);
    expect([heard, await prompt()]).toEqual([0, 'northern lights over snowy peaks']);
    await page.close();
  });

  it('the frame works in a sandbox, where it has no origin, storage or address', async () => {
    const { page, problems } = await pages.open(`${allowed.origin}/sandbox.html`);
    const frame = page.frameLocator('iframe');
    await frame.locator('underpaint-view canvas').waitFor({ state: 'visible' });
    expect(await frame.locator('body').evaluate(() => globalThis.origin)).toBe('null');
    expect(problems).toEqual([]);
    await page.close();
  });

  it.each([
    ['Camera', 'camera'],
    ['Screen', 'display-capture'],
  ])('a frame that may not use "%s" tells the owner of the site what to allow', async (name, permission) => {
    const { page } = await pages.open(`${allowed.origin}/iframe.html`);
    await page.evaluate((address) => {
      const frame = document.querySelector('iframe')!;
      frame.removeAttribute('allow');
      frame.src = `${address}embed?input=webcam`;
    }, server.url);
    const camera = page.frameLocator('iframe').locator('underpaint-webcam');
    await camera.getByRole('button', { name, exact: true }).click();
    await camera.getByText(`allow="${permission}"`).waitFor();
    await page.close();
  });

  it('a studio below the fold pays nothing until it is near, and moves nothing of the page', async () => {
    const { page } = await pages.open('about:blank');
    let sockets = 0;
    page.on('websocket', () => (sockets += 1));
    const open = async (before: string, reserved: string) => {
      await writeFile(join(reactFolder, 'below.html'), pageAround({ before, reserved }));
      await page.goto(`${react.origin}/below.html`);
      await page.waitForFunction(() => document.querySelector('underpaint-studio')!.shadowRoot !== null);
    };
    await open('1600px', '52rem');
    await page.waitForTimeout(500);
    expect(sockets).toBe(0);
    await page.mouse.wheel(0, 300);
    await page.locator('underpaint-view canvas').waitFor({ state: 'visible' });
    await page.mouse.wheel(0, 5_000);
    await page.waitForTimeout(1_500);
    expect(await shifts(page)).toEqual([]);

    await open('100px', '0');
    await expect.poll(() => shifts(page), { message: 'where no height is reserved' }).not.toEqual([]);
    await page.close();
  });

  it('the React components draw and show', async () => {
    const { page, problems } = await pages.open(`${react.origin}/index.html`);
    await page.locator('underpaint-view canvas').waitFor({ state: 'visible' });
    const first = await thumbnail(viewCanvas(page));
    await page.getByRole('combobox').selectOption('desert dunes under the moon');
    await expect.poll(async () => difference(first, await thumbnail(viewCanvas(page)))).toBeGreaterThan(0);
    expect(problems).toEqual([]);
    await page.close();
  });
});

/** @returns the folder of the built example */
async function buildReactExample(): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), 'underpaint-react-'));
  const root = join(EXAMPLES, 'react');
  await build({ root, base: './', logLevel: 'error', build: { outDir, emptyOutDir: true } });
  return outDir;
}

/** A page with a lazy studio between a block of this height and a footer. */
function pageAround({ before, reserved }: { before: string; reserved: string }): string {
  return `<!doctype html>
    <title>A long page</title>
    <style>underpaint-studio { display: block; min-block-size: ${reserved} }</style>
    <div style="block-size: ${before}"></div>
    <underpaint-studio loading="lazy" starter></underpaint-studio>
    <footer>The end</footer>
    <script>
      const shifts = [];
      const from = ({ node, previousRect: a, currentRect: b }) => [node?.nodeName, a.x, a.y, a.width, b.x, b.y, b.width].join(' ');
      const add = (list) => shifts.push(...list.getEntries().flatMap(({ sources }) => sources.map(from)));
      new PerformanceObserver(add).observe({ type: 'layout-shift', buffered: true });
    </script>
    <script type="module" src="http://127.0.0.1:8080/underpaint.js"></script>`;
}

/** What has moved on the page without the person, with its place and width before and after: https://web.dev/articles/cls */
function shifts(page: Page): Promise<readonly string[]> {
  return page.evaluate('shifts');
}
