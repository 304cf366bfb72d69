import type { Page } from 'playwright';
import { beforeAll, describe, expect, it } from 'vitest';
import { onPage, viewCanvas } from '../helpers/browser.js';
import { usePages, useServer } from '../helpers/pages.js';

const TRACE_MS = 10_000;
const STROKE_MS = 1_000;
const MOVE_EVERY_MS = 12;
/** People notice longer tasks. Source: W3C Long Tasks. */
const LONG_TASK_US = 50_000;

/** The used parts of an event in a trace of Chromium. Times in microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  /** The processor time within `dur`; during the rest the thread waited. */
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

describe('drawing while pictures arrive', () => {
  const pages = usePages();
  const server = useServer();
  let page: Page;

  beforeAll(async () => {
    ({ page } = await pages.open(server.url));
    await viewCanvas(page).waitFor({ state: 'visible' });
  });

  it(`no long task in a trace of ${TRACE_MS / 1000} s of strokes`, async () => {
    await pages.browser.startTracing(page, { categories: ['toplevel', '__metadata'] });
    const counted = countFrames(page);
    const until = Date.now() + TRACE_MS;
    for (let turn = 0; Date.now() < until; turn++) await stroke(0.1 + 0.8 * ((turn * 0.37) % 1));
    const { frames, images } = await counted;
    const tasks = mainThreadTasks(await pages.browser.stopTracing());
    const longest = Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1000;
    const slowed = tasks.filter(({ dur = 0 }) => dur > LONG_TASK_US).length;
    console.info(
      `${tasks.length} tasks, the longest of ${longest.toFixed(0)} ms; ${slowed} took over 50 ms by the clock; ` +
        `${((frames * 1000) / TRACE_MS).toFixed(0)} display frames a second, ${images} images`,
    );
    expect(images, 'images came meanwhile').toBeGreaterThan(10);
    expect(tasks.length, 'the trace holds the tasks of the page').toBeGreaterThan(500);
    expect(tasks.filter(({ tdur = 0 }) => tdur > LONG_TASK_US)).toEqual([]);
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

function countFrames(page: Page): Promise<{ frames: number; images: number }> {
  return page.locator('underpaint-studio').evaluate(async (element, traceMs) => {
    let images = 0;
    let frames = 0;
    (element as HTMLElementTagNameMap['underpaint-studio']).client!.addEventListener('image', () => (images += 1));
    const until = performance.now() + traceMs;
    while (performance.now() < until) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      frames += 1;
    }
    return { frames, images };
  }, TRACE_MS);
}

/** The tasks of the page's main thread: of all renderer main threads, the one with the most tasks. */
function mainThreadTasks(trace: Buffer): TraceEvent[] {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const threads = traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain');
  const tasks = traceEvents.filter(({ name }) => name === 'ThreadControllerImpl::RunTask');
  return threads
    .map(({ pid, tid }) => tasks.filter((task) => task.pid === pid && task.tid === tid))
    .reduce((most, each) => (each.length > most.length ? each : most), []);
}
