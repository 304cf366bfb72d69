import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, FrameLocator, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { difference, launchBrowser, openPage, thumbnail } from '../helpers/browser.js';
import { startProxy, type Proxy } from '../helpers/proxy.js';
import { QUICK, serve, type RunningServer } from '../helpers/serve.js';
import { startSite } from '../helpers/site.js';
import { buildProject, packAll, startProject, type StartedProject } from './build-project.js';
import { PROJECTS, TYPE_PROJECTS } from './projects.js';

/** All projects, or those that UNDERPAINT_EMBED names. */
const WANTED = process.env['UNDERPAINT_EMBED']?.split(/[\s,]+/);
const isWanted = (name: string) => WANTED?.includes(name) ?? true;

declare global {
  interface Window {
    unmount: () => void;
    render?: () => void;
  }
}

describe('projects of other people, with the packed packages', () => {
  let browser: Browser;
  let server: RunningServer;
  let proxy: Proxy;
  let folder: string;
  let packages: Readonly<Record<string, string>>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'underpaint-packed-'));
    [browser, server, packages] = await Promise.all([
      launchBrowser(),
      serve(0, ...QUICK, '--allowed-origins', '*'),
      packAll(folder),
    ]);
    proxy = await startProxy(server.port);
  });
  afterAll(async () => {
    await browser?.close();
    proxy?.close();
    await server?.stop();
    if (folder) await rm(folder, { recursive: true });
  });

  const address = () => `http://127.0.0.1:${proxy.port}/`;

  async function show(name: string, project: string): Promise<StartedProject> {
    const { by, folder: below = '.' } = PROJECTS[name]!;
    if (by === 'start') return startProject(project);
    const policy = `default-src 'none'; script-src 'self' ${address()}; style-src 'self'; img-src blob:; connect-src ws://127.0.0.1:${proxy.port} ${address()}; frame-src ${address()}`;
    const strict = name === 'plain' || name === 'frame' ? { policy: () => policy } : {};
    const site = await startSite(join(project, below), { server: address, ...strict });
    return { origin: site.origin, stop: () => site.close() };
  }

  it.each(Object.keys(PROJECTS).filter(isWanted))('%s: draws, resumes, and leaves nothing', async (name) => {
    const project = await buildProject(name, packages);
    const site = await show(name, project);
    try {
      const path = PROJECTS[name]!.by === 'start' ? '' : 'index.html';
      const target = `${site.origin}/${path}?server=${encodeURIComponent(address())}`;
      const { page, problems } = await openPage(browser, 'about:blank');
      await page.goto(target);
      await driveStudio(page, { proxy, inFrame: name === 'frame' });
      if (name.startsWith('react')) await keepsTheView(page);
      await page.evaluate(() => window.unmount());
      // Also the connections over which the browser has loaded files end after a few seconds.
      await expect.poll(() => proxy.open, { timeout: 20_000 }).toBe(0);
      // While the network is cut, the browser itself reports the failed connections.
      expect(problems.filter((problem) => !/WebSocket|ERR_/.test(problem))).toEqual([]);
      await page.close();
    } finally {
      site.stop();
      await rm(project, { recursive: true, force: true });
    }
  });

  it.runIf(isWanted('stream'))('stream: StreamClient alone has at most 12 KB in each bundler, gzipped', async () => {
    const project = await buildProject('stream', packages);
    const sizes = ['esbuild', 'vite', 'webpack'].map(
      (name) => [name, gzipSync(readFileSync(join(project, 'dist', `${name}.js`))).length] as const,
    );
    console.log('StreamClient, bytes gzipped:', Object.fromEntries(sizes));
    expect(sizes.filter(([, size]) => size < 2_000 || size > 12_000)).toEqual([]);
    await rm(project, { recursive: true });
  });

  it.each(TYPE_PROJECTS.filter(isWanted))('%s: are checked, with those of all libraries', async (name) => {
    await rm(await buildProject(name, packages), { recursive: true });
  });
});

/** Draws a line, cuts the connection, draws another one, and sees both in the picture. */
async function driveStudio(page: Page, { proxy, inFrame }: { proxy: Proxy; inFrame: boolean }): Promise<void> {
  const root: Page | FrameLocator = inFrame ? page.frameLocator('iframe') : page;
  const picture = root.locator('underpaint-view canvas');
  await picture.waitFor({ state: 'visible' });
  const draw = async (height: number) => {
    const box = (await root.locator('underpaint-sketch canvas').boundingBox())!;
    await page.mouse.move(box.x + 0.2 * box.width, box.y + height * box.height);
    await page.mouse.down();
    await page.mouse.move(box.x + 0.8 * box.width, box.y + height * box.height, { steps: 8 });
    await page.mouse.up();
  };
  const blank = await thumbnail(picture);
  await draw(0.3);
  await expect.poll(async () => difference(blank, await thumbnail(picture)), { timeout: 20_000 }).toBeGreaterThan(0.2);
  proxy.isDown = true;
  proxy.cut();
  const status = root.locator('underpaint-status .state');
  await expect.poll(() => status.getAttribute('data-status')).toBe('reconnecting');
  // Pictures of the first line may come until here.
  const first = await thumbnail(picture);
  await draw(0.7);
  proxy.isDown = false;
  await expect.poll(() => status.getAttribute('data-status'), { timeout: 30_000 }).toBe('live');
  await expect.poll(async () => difference(first, await thumbnail(picture)), { timeout: 30_000 }).toBeGreaterThan(0.2);
}

/** React renders with the same property again: the person's own choice stays. */
async function keepsTheView(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Picture alone' }).click();
  await page.evaluate(() => window.render!());
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await page.locator('underpaint-studio').getAttribute('view')).toBe('result');
}
