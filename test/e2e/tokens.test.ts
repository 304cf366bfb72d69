import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signJwt } from '../../server/dist/access/jwt.js';
import { readSecret } from '../../server/dist/access/tokens.js';
import { viewCanvas } from '../helpers/browser.js';
import { usePages, useServer } from '../helpers/pages.js';
import { startSite, type Site } from '../helpers/site.js';

const EXAMPLES = fileURLToPath(new URL('../../client/examples', import.meta.url));
/** As the examples have it. */
const BACKEND = 'http://127.0.0.1:8001/';

describe('a server that asks for tokens', () => {
  const dir = mkdtempSync(join(tmpdir(), 'underpaint-tokens-'));
  const secretFile = join(dir, 'secret');
  let site: Site;
  let backend: ChildProcess;
  let backendPort = '';

  const pages = usePages();
  const server = useServer(async () => {
    writeFileSync(secretFile, randomBytes(32).toString('base64'));
    site = await startSite(EXAMPLES, { server: () => server.url });
    return ['--allowed-origins', site.origin, '--auth-secret-file', secretFile];
  });
  beforeAll(async () => {
    backend = spawn(process.execPath, [join(EXAMPLES, 'token-backend.mjs'), secretFile], {
      env: { ...process.env, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: backend.stdout! })) {
      backendPort = /\d+$/.exec(line)![0];
      break;
    }
  });
  afterAll(async () => {
    site?.close();
    backend?.kill();
    rmSync(dir, { recursive: true });
  });

  /** Opens the example. `tokens` answers for its backend; undefined is the answer of a site to a stranger. */
  async function open(tokens: () => Promise<string | undefined>): Promise<{ page: Page; context: BrowserContext }> {
    const context = await pages.browser.newContext();
    const page = await context.newPage();
    await page.route(BACKEND, async (route) => {
      const body = await tokens();
      const headers = { 'Access-Control-Allow-Origin': '*' };
      await route.fulfill(body === undefined ? { status: 401, headers } : { body, headers });
    });
    return { page, context };
  }

  const says = (page: Page, words: string) =>
    page.locator('underpaint-status').getByRole('status').filter({ hasText: words }).waitFor();

  it('paints for a page whose backend gives it tokens', async () => {
    const { page, context } = await open(async () => (await fetch(`http://127.0.0.1:${backendPort}/`)).text());
    await page.goto(`${site.origin}/token.html`);
    await says(page, 'Live');
    await viewCanvas(page).waitFor({ state: 'visible' });
    await context.close();
  });

  it('brings a fresh token over the open socket before the time of the session is over', async () => {
    const sessions = [2, 600, 600];
    let asked = 0;
    const { page, context } = await open(() => {
      const claims = { sub: 'anna', aud: 'underpaint', underpaint: { session: sessions[asked++]! } };
      return signJwt(claims, readSecret(secretFile), 60);
    });
    let sockets = 0;
    page.on('websocket', () => (sockets += 1));
    await page.goto(`${site.origin}/token.html`);
    await says(page, 'Live');
    await page.waitForTimeout(2_500);
    await says(page, 'Live');
    expect([asked, sockets]).toEqual([2, 1]);
    await context.close();
  });

  it('tells a person without a token that it is not for them, and lets them in when there is one', async () => {
    let token: string | undefined = 'not a token';
    const { page, context } = await open(() => Promise.resolve(token));
    await page.goto(`${site.origin}/token.html`);
    await says(page, 'Not allowed on this server');
    token = await signJwt({ sub: 'anna', aud: 'underpaint' }, readSecret(secretFile), 60);
    await page.locator('underpaint-status .retry').click();
    await says(page, 'Live');
    await context.close();
  });
});
