import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { usePages, useServer } from '../helpers/pages.js';

const tls = (file: string) => fileURLToPath(new URL(`../fixtures/tls/${file}.pem`, import.meta.url));

describe('under a path, over https', () => {
  const pages = usePages();
  const server = useServer(['--base-path', '/paint/', '--tls-cert', tls('cert'), '--tls-key', tls('key')]);

  it.each(['', 'embed?starter'])('the page at %j loads its files and connects', async (path) => {
    expect(server.url).toMatch(/^https:.*\/paint\/$/);
    const { page, problems } = await pages.open(`${server.url}${path}`, { ignoreHTTPSErrors: true });
    await page.locator('underpaint-view canvas').waitFor({ state: 'visible' });
    expect(problems).toEqual([]);
  });
});
