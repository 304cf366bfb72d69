/*
 * What stays in a page of Chromium after it has added and removed 1 000 studios: by turns before they connect, live, in a room,
 * and drawn on. Prints the heap after the first ones, when all code is loaded and compiled, and what the others add to it.
 *
 *   npm run build && node test/bench/unmounts.mjs [--mounts 1000]
 */
import { parseArgs } from 'node:util';
import { servePage } from './served-page.mjs';

const { values } = parseArgs({ options: { mounts: { type: 'string', default: '1000' } } });
const AT_ONCE = 10;
const KINDS = ['early', 'live', 'room', 'drawn'];
const FIRST = AT_ONCE * KINDS.length;

const { url, browser, stop } = await servePage('fake:10ms+1ms');
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  await page.goto(`${url}no-such-page`);
  await page.addScriptTag({ type: 'module', url: `${url}underpaint.js` });
  await page.waitForFunction(() => customElements.get('underpaint-studio') !== undefined);
  const protocol = await page.context().newCDPSession(page);
  const mount = async (count) => {
    for (let i = 0; i < count; i += AT_ONCE) {
      const kind = KINDS[(i / AT_ONCE) % KINDS.length];
      await page.evaluate(mountAndRemove, { kind, count: AT_ONCE });
    }
  };
  await mount(FIRST);
  const first = await measure(protocol);
  console.log(`after ${FIRST}: ${JSON.stringify(first)}`);
  for (let done = 0; done < Number(values.mounts); done += FIRST * 5) {
    const count = Math.min(FIRST * 5, Number(values.mounts) - done);
    await mount(count);
    const added = Object.entries(await measure(protocol)).map(([name, value]) => [name, value - first[name]]);
    console.log(`after ${done + count} more: ${JSON.stringify(Object.fromEntries(added))} in addition`);
  }
} finally {
  await stop();
}

/** Bytes after a collection, and counts of DOM nodes and listeners. */
async function measure(protocol) {
  // The browser itself keeps its messages of sockets that were closed while they connected.
  await protocol.send('Runtime.discardConsoleEntries');
  // Timers of a few hundred ms and finalizers hold the last studios.
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    await protocol.send('HeapProfiler.collectGarbage');
  }
  const heap = await protocol.send('Runtime.getHeapUsage');
  const { nodes, jsEventListeners: listeners } = await protocol.send('Memory.getDOMCounters');
  return { script: heap.usedSize, dom: heap.embedderHeapUsedSize, buffers: heap.backingStorageSize, nodes, listeners };
}

/** Runs in the page. */
async function mountAndRemove({ kind, count }) {
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const keys = kind === 'room' ? await (await fetch('/api/rooms', { method: 'POST' })).json() : { owner: '' };
  const studios = Array.from({ length: count }, () => {
    const properties = { starter: true, address: 'none', room: keys.owner };
    return Object.assign(document.createElement('underpaint-studio'), properties);
  });
  document.body.append(...studios);
  await Promise.all(studios.map((studio) => studio.updateComplete));
  const isLive = ({ client }) => client?.state.status === 'live';
  // Browsers let the sockets of a page connect one after the other.
  for (let i = 0; kind !== 'early' && i < 500 && !studios.every(isLive); i++) await sleep(20);
  if (kind === 'drawn') {
    const line = { kind: 'line', color: '#804020', size: 3, opacity: 1, from: [0, 0], to: [200, 99] };
    for (const studio of studios) {
      studio.sketch.drawing.add(line);
      studio.view = 'split';
    }
    await sleep(300);
  }
  for (const studio of studios) studio.remove();
  await sleep(50);
}
