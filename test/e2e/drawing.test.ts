import type { CDPSession, Page } from 'playwright';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { drawLine, IS_FIREFOX, nextPaint, onPage, setUpSketch, sketchColor, type Place } from '../helpers/browser.js';
import { usePages, useServer } from '../helpers/pages.js';

const RED = '#ff0000';
const WHITE = '#ffffff';

describe('drawing with real input', () => {
  const pages = usePages();
  const server = useServer();
  let page: Page;
  let input: CDPSession;

  beforeAll(async () => {
    await openStudio();
  });
  beforeEach(emptySketch);

  async function openStudio(): Promise<void> {
    const permissions = ['clipboard-read', 'clipboard-write'];
    ({ page } = await pages.open(server.url, IS_FIREFOX ? {} : { hasTouch: true, permissions }));
    // The model says what an empty sheet is.
    await page.getByRole('status', { name: 'Connection' }).filter({ hasText: 'Live' }).waitFor();
    if (!IS_FIREFOX) input = await page.context().newCDPSession(page);
    await emptySketch();
  }

  async function emptySketch(): Promise<void> {
    await page.locator('underpaint-sketch').evaluate((element) => {
      const sketch = element as HTMLElementTagNameMap['underpaint-sketch'];
      sketch.clear();
      sketch.resetView();
    });
    await setUpSketch(page, { ground: WHITE, color: RED, size: 20, smoothing: 0, tool: 'stroke' });
  }

  async function penLine(from: Place, to: Place, force: number): Promise<void> {
    const path = await onPage(page, from, ...steps(from, to, 8));
    const send = (type: 'mousePressed' | 'mouseMoved' | 'mouseReleased', at: { x: number; y: number }) =>
      input.send('Input.dispatchMouseEvent', {
        type,
        ...at,
        button: 'left',
        buttons: 1,
        force,
        pointerType: 'pen',
        clickCount: 1,
      });
    await send('mousePressed', path[0]!);
    for (const at of path) await send('mouseMoved', at);
    await send('mouseReleased', path.at(-1)!);
  }

  /** Moves fingers from their first to their last places together. */
  async function fingers(...paths: readonly (readonly [from: Place, to: Place])[]): Promise<void> {
    const points = async (part: number) =>
      (await onPage(page, ...paths.map(([from, to]) => between(from, to, part)))).map((at, id) => ({ ...at, id }));
    const way = await Promise.all([0, 0.2, 0.4, 0.6, 0.8, 1].map(points));
    await input.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: way[0]! });
    for (const touchPoints of way) await input.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints });
    await input.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  }

  /** A PNG of one colour, in base64. */
  const plainPicture = (color: string) =>
    page.evaluate((fill) => {
      const canvas = document.createElement('canvas');
      const context = canvas.getContext('2d')!;
      context.fillStyle = fill;
      context.fillRect(0, 0, canvas.width, canvas.height);
      return canvas.toDataURL().split(',')[1]!;
    }, color);

  const scale = () =>
    page.locator('underpaint-sketch').evaluate((sketch) => {
      const { transform } = sketch as HTMLElementTagNameMap['underpaint-sketch'];
      return Number(/scale\((.*)\)/.exec(transform)?.[1] ?? 1);
    });
  const markCount = () =>
    page
      .locator('underpaint-sketch')
      .evaluate((sketch) => (sketch as HTMLElementTagNameMap['underpaint-sketch']).state.marks.length);

  it.skipIf(IS_FIREFOX)('enlarges and moves the view with two fingers, and draws nothing', async () => {
    await fingers(
      [
        [0.45, 0.5],
        [0.2, 0.5],
      ],
      [
        [0.55, 0.5],
        [0.8, 0.5],
      ],
    );
    await nextPaint(page);
    expect(await scale()).toBeGreaterThan(2);
    expect(await markCount()).toBe(0);
    await page.getByRole('button', { name: /%/ }).click();
    expect(await scale()).toBe(1);
  });

  it.skipIf(IS_FIREFOX)('draws with a finger until the first pen; then a finger counts as a palm', async () => {
    await fingers([
      [0.2, 0.3],
      [0.8, 0.3],
    ]);
    expect(await sketchColor(page, [0.5, 0.3])).toBe(RED);
    await penLine([0.2, 0.5], [0.8, 0.5], 0.5);
    expect(await sketchColor(page, [0.5, 0.5])).toBe(RED);
    await fingers([
      [0.2, 0.7],
      [0.8, 0.7],
    ]);
    expect(await sketchColor(page, [0.5, 0.7])).toBe(WHITE);
  });

  it('draws with the mouse, with undo and redo by buttons and keys', async () => {
    await drawLine(page, [0.2, 0.5], [0.8, 0.5]);
    expect(await sketchColor(page, [0.5, 0.5])).toBe(RED);
    await page.getByRole('button', { name: 'Undo' }).click();
    expect(await sketchColor(page, [0.5, 0.5])).toBe(WHITE);
    await page.getByRole('button', { name: 'Redo' }).click();
    expect(await sketchColor(page, [0.5, 0.5])).toBe(RED);
    await page.keyboard.press('Control+z');
    expect(await sketchColor(page, [0.5, 0.5])).toBe(WHITE);
    await page.keyboard.press('Control+Shift+z');
    expect(await sketchColor(page, [0.5, 0.5])).toBe(RED);
  });

  it.skipIf(IS_FIREFOX)('draws thicker where the pen presses harder', async () => {
    await setUpSketch(page, { size: 40 });
    await penLine([0.1, 0.25], [0.9, 0.25], 0.05);
    await penLine([0.1, 0.75], [0.9, 0.75], 1);
    const offset = 0.06;
    expect(await sketchColor(page, [0.5, 0.25])).toBe(RED);
    expect(await sketchColor(page, [0.5, 0.25 + offset]), 'beside the light line').toBe(WHITE);
    expect(await sketchColor(page, [0.5, 0.75 + offset]), 'as far beside the heavy line').toBe(RED);
  });

  it('draws at the pointer in an enlarged view', async () => {
    await page.locator('underpaint-sketch canvas').hover({ position: { x: 60, y: 60 } });
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -300);
    await page.keyboard.up('Control');
    await vi.waitFor(async () => expect(await scale()).toBeGreaterThan(1.5));
    const stage = (await page.locator('underpaint-sketch .stage').boundingBox())!;
    await page.mouse.click(stage.x + stage.width / 2, stage.y + stage.height / 2);
    const [corner] = await onPage(page, [0, 0]);
    const { width } = (await page.locator('underpaint-sketch canvas').boundingBox())!;
    const at: Place = [
      (stage.x + stage.width / 2 - corner!.x) / width,
      (stage.y + stage.height / 2 - corner!.y) / width,
    ];
    expect(await sketchColor(page, at)).toBe(RED);
  });

  it('fills an enclosed area', async () => {
    await page.getByRole('button', { name: 'Rectangle' }).click();
    await drawLine(page, [0.3, 0.3], [0.7, 0.7]);
    await setUpSketch(page, { color: '#0000ff' });
    await page.getByRole('button', { name: 'Fill', exact: true }).click();
    const [inside] = await onPage(page, [0.5, 0.5]);
    await page.mouse.click(inside!.x, inside!.y);
    expect(await sketchColor(page, [0.5, 0.5])).toBe('#0000ff');
    expect(await sketchColor(page, [0.1, 0.1])).toBe(WHITE);
  });

  it.skipIf(IS_FIREFOX)('puts a pasted picture on top, where it can be moved', async () => {
    await page.evaluate(async () => {
      const context = new OffscreenCanvas(64, 64).getContext('2d')!;
      context.fillStyle = '#00ff00';
      context.fillRect(0, 0, 64, 64);
      const png = await context.canvas.convertToBlob();
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })]);
    });
    await page.keyboard.press('Control+v');
    await vi.waitFor(async () => expect(await sketchColor(page, [0.5, 0.5])).toBe('#00ff00'));
    expect(await sketchColor(page, [0.1, 0.1])).toBe(WHITE);
    await page.getByRole('group', { name: '1 object selected' }).waitFor();
    await drawLine(page, [0.5, 0.5], [0.3, 0.3]);
    expect(await sketchColor(page, [0.1, 0.1])).toBe('#00ff00');
    await page.keyboard.press('Delete');
    expect(await sketchColor(page, [0.3, 0.3])).toBe(WHITE);
  });

  it('uses a picture from a file as background, with an opacity, and puts a dropped one on top', async () => {
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Picture behind the sketch' }).click();
    const buffer = Buffer.from(await plainPicture('#00ff00'), 'base64');
    await (await chooser).setFiles({ name: 'green.png', mimeType: 'image/png', buffer });
    await vi.waitFor(async () => expect(await sketchColor(page, [0.5, 0.5])).toBe('#00ff00'));

    await page.getByRole('slider', { name: 'Picture behind the sketch' }).fill('50');
    expect(await sketchColor(page, [0.9, 0.9])).toMatch(/#(7|8).ff(7|8)./);

    const blue = await plainPicture('#0000ff');
    await page.locator('underpaint-sketch').evaluate((sketch, base64) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], 'blue.png', { type: 'image/png' }));
      const { left, top, width, height } = sketch.shadowRoot!.querySelector('canvas')!.getBoundingClientRect();
      const at = { clientX: left + width / 2, clientY: top + height / 2 };
      const event = new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true, ...at });
      if (sketch.dispatchEvent(event)) throw new Error('the browser would leave the page for the picture');
    }, blue);
    await vi.waitFor(async () => expect(await sketchColor(page, [0.5, 0.5])).toBe('#0000ff'));
    await page.getByRole('button', { name: 'Remove the picture' }).click();
    expect(await sketchColor(page, [0.9, 0.9])).toBe(WHITE);
    expect(await sketchColor(page, [0.5, 0.5]), 'an object of its own').toBe('#0000ff');
  });

  it('reports a file that is not a picture', async () => {
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Picture behind the sketch' }).click();
    await (await chooser).setFiles({ name: 'no.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
    await page.getByText('That picture could not be read.').waitFor();
  });

  it('restores the drawing after a reload', async () => {
    await drawLine(page, [0.2, 0.5], [0.8, 0.5]);
    await page.reload();
    await setUpSketch(page, { ground: WHITE });
    await vi.waitFor(async () => expect(await sketchColor(page, [0.5, 0.5])).toBe(RED));
    expect(await markCount(), 'without the starter drawing').toBe(1);
  });
});

function between([x0, y0]: Place, [x1, y1]: Place, part: number): Place {
  return [x0 + (x1 - x0) * part, y0 + (y1 - y0) * part];
}

function steps(from: Place, to: Place, count: number): Place[] {
  return Array.from({ length: count }, (_, i) => between(from, to, (i + 1) / count));
}
