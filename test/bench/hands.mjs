/*
 * What the hands of the studio cost in Chromium: a stroke on a drawing of 8 layers with 500 marks, a selection of 100
 * objects on the move, and undo. Processor time of the page's main thread, from a trace.
 *
 *   npm run build && node test/bench/hands.mjs
 */
import { servePage } from './served-page.mjs';

const DEVICE = 'fake:10ms+1ms';
const LAYERS = 8;
const MARKS = 500;
const MOVES = 120;

const { url, browser, stop } = await servePage(DEVICE);
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  await page.goto(url);
  await page.locator('underpaint-view canvas').waitFor({ state: 'visible' });
  await page.locator('underpaint-sketch').evaluate(fill, { layers: LAYERS, marks: MARKS });
  const box = await page.locator('underpaint-sketch canvas').boundingBox();
  const at = (x, y) => [box.x + x * box.width, box.y + y * box.height];

  // Before anything is traced, because a trace slows the page down.
  await drag(page, at, 'stroke');
  const added = await page
    .locator('underpaint-studio')
    .evaluate(({ client }) => client.statistics.inputToImageMedianMs);
  console.log(`from the change to the picture, with a device of ${DEVICE}: ${added.toFixed(1)} ms in the median`);
  console.log(`stroke: ${await traced(page, () => drag(page, at, 'stroke'))}`);
  await page.locator('underpaint-sketch').evaluate((sketch) => sketch.choose({ tool: 'select' }));
  await page.locator('underpaint-sketch .selection').waitFor({ state: 'attached' });
  await page.mouse.move(...at(0.02, 0.02));
  await page.mouse.down();
  await page.mouse.move(...at(0.98, 0.19), { steps: 4 });
  await page.mouse.up();
  const name = await page.locator('underpaint-sketch .selected').getAttribute('aria-label');
  console.log(`${name}: ${await traced(page, () => drag(page, at, 'move'))}`);
  for (const what of ['undo', 'redo', 'undo']) console.log(`${what} of the move: ${await timed(page, what)}`);
} finally {
  await stop();
}

/** Runs in the page: rows of short strokes, so that a marquee over the first rows holds 100. */
async function fill(sketch, { layers, marks }) {
  const rows = 20;
  const columns = marks / rows;
  const all = Array.from({ length: marks }, (_, index) => {
    const [x, y] = [10 + ((index % columns) * 236) / columns, 8 + (Math.floor(index / columns) * 240) / rows];
    const points = Array.from({ length: 24 }, (_, i) => [x + i / 4, y + 3 * Math.sin(i / 3), 0.5]);
    const look = { kind: 'stroke', color: '#2f4a35', size: 4, opacity: 0.9, smoothing: 0.5, pressure: false };
    return { ...look, points, layer: index % layers };
  });
  const names = Array.from({ length: layers }, (_, id) => ({ id, name: `${id}`, isHidden: false, opacity: 1 }));
  await sketch.restore({ marks: all, background: null, layers: names });
  sketch.activeLayer = 3;
}

/** A step through the history with its repaint. Processor time of the main thread, from the browser's own counter. */
async function timed(page, what) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busy = async () => (await cdp.send('Performance.getMetrics')).metrics.find((m) => m.name === 'TaskDuration');
  const before = await busy();
  const ms = await page.locator('underpaint-sketch').evaluate(timeStep, what);
  const processorMs = 1_000 * ((await busy()).value - before.value);
  await cdp.detach();
  await page.waitForTimeout(500);
  return `${ms} ms with its repaint, ${processorMs.toFixed(0)} processor ms`;
}

/** Runs in the page. */
async function timeStep(sketch, what) {
  const start = performance.now();
  sketch[what]();
  await new Promise((resolve) => sketch.addEventListener('up-sketch', resolve, { once: true }));
  return Math.round(performance.now() - start);
}

async function drag(page, at, what) {
  await page.mouse.move(...at(0.5, what === 'move' ? 0.1 : 0.5));
  await page.mouse.down();
  for (let i = 0; i < MOVES; i++) {
    const turn = i / 9;
    await page.mouse.move(...at(0.5 + 0.2 * Math.sin(turn), (what === 'move' ? 0.3 : 0.5) + 0.2 * Math.cos(turn)));
    await page.waitForTimeout(12);
  }
  await page.mouse.up();
}

async function traced(page, act) {
  await browser.startTracing(page, { categories: ['toplevel', '__metadata'] });
  await act();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  const mains = traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain');
  const tasks = mains
    .map(({ pid, tid }) =>
      traceEvents.filter(
        (each) => each.name === 'ThreadControllerImpl::RunTask' && each.pid === pid && each.tid === tid,
      ),
    )
    .reduce((most, each) => (each.length > most.length ? each : most), []);
  const ms = tasks.map(({ tdur = 0 }) => tdur / 1_000).sort((a, b) => a - b);
  const share = (part) => (ms[Math.floor(ms.length * part)] ?? 0).toFixed(1);
  return `${ms.length} tasks of the main thread, processor ms: p95 ${share(0.95)}, p99 ${share(0.99)}, longest ${share(0.9999)}`;
}
