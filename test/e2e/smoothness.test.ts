import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, onPage, openPage, viewCanvas } from '../helpers/browser.js';
import { QUICK, serve, type RunningServer } from '../helpers/serve.js';

const TRACE_MS = 20_000;
const STROKE_MS = 1_000;
const MOVE_EVERY_MS = 12;

interface Trace {
  /** Tasks of more than 50 ms, in ms. */
  readonly longTasks: readonly number[];
  /** Display frames a second. */
  readonly rate: number;
  readonly images: number;
}

describe('drawing while pictures come', () => {
  let server: RunningServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    [server, browser] = await Promise.all([serve(0, ...QUICK), launchBrowser()]);
    ({ page } = await openPage(browser, server.url));
    await viewCanvas(page).waitFor({ state: 'visible' });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  it(`no long task in ${TRACE_MS / 1000} s of strokes`, async () => {
    const trace = watch(page);
    const until = Date.now() + TRACE_MS;
    for (let turn = 0; Date.now() < until; turn++) await stroke(0.1 + 0.8 * ((turn * 0.37) % 1));
    const { longTasks, rate, images } = await trace;
    console.info(
      `${longTasks.length} long tasks (${longTasks.join(', ')} ms), ${rate.toFixed(0)} display frames a second, ${images} images`,
    );
    expect(images, 'images came meanwhile').toBeGreaterThan(20);
    expect(longTasks).toEqual([]);
  });

  async function stroke(y: number): Promise<void> {
    const path = await onPage(page, ...Array.from({ length: 60 }, (_, i) => [0.1 + (i / 60) * 0.8, y] as const));
    await page.mouse.move(path[0]!.x, path[0]!.y);
    await page.mouse.down();
    const until = Date.now() + STROKE_MS;
    for (let i = 0; Date.now() < until; i++) {
      const { x, y: top } = path[i % path.length]!;
      await page.mouse.move(x, top + Math.sin(i / 5) * 20);
      await page.waitForTimeout(MOVE_EVERY_MS);
    }
    await page.mouse.up();
  }
});

function watch(page: Page): Promise<Trace> {
  return page.locator('underpaint-studio').evaluate(async (element, traceMs) => {
    const longTasks: number[] = [];
    let images = 0;
    let frames = 0;
    (element as HTMLElementTagNameMap['underpaint-studio']).client!.addEventListener('image', () => (images += 1));
    const observer = new PerformanceObserver((list) =>
      longTasks.push(...list.getEntries().map(({ duration }) => Math.round(duration))),
    );
    observer.observe({ type: 'longtask' });
    const started = performance.now();
    while (performance.now() < started + traceMs) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      frames += 1;
    }
    observer.disconnect();
    return { longTasks, images, rate: (frames * 1000) / (performance.now() - started) };
  }, TRACE_MS);
}
