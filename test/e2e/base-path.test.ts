import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, openPage } from '../helpers/browser.js';
import { QUICK, serve, type RunningServer } from '../helpers/serve.js';

const tls = (file: string) => fileURLToPath(new URL(`../fixtures/tls/${file}.pem`, import.meta.url));

describe('under a path, over https', () => {
  let browser: Browser;
  let server: RunningServer;

  beforeAll(async () => {
    const place = ['--base-path', '/paint/', '--tls-cert', tls('cert'), '--tls-key', tls('key')];
    [browser, server] = await Promise.all([launchBrowser(), serve(0, ...QUICK, ...place)]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  it.each(['', 'embed?starter'])('the page at %j loads its files and connects', async (path) => {
    expect(server.url).toMatch(/^https:.*\/paint\/$/);
    const { page, problems } = await openPage(browser, `${server.url}${path}`, { ignoreHTTPSErrors: true });
    await page.locator('underpaint-view canvas').waitFor({ state: 'visible' });
    expect(problems).toEqual([]);
  });
});
