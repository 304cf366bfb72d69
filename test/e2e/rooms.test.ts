import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UnderpaintServer } from '../../server/dist/server.js';
import { drawLine, onPage, setUpSketch, sketchCanvas, sketchColor, type, viewCanvas } from '../helpers/browser.js';
import { usePages, useServer } from '../helpers/pages.js';
import { startProxy, type Proxy } from '../helpers/proxy.js';
import { startServer } from '../helpers/start-server.js';

const RED = '#ff0000';
const BLUE = '#0000ff';
const GREEN = '#00aa00';
const PATIENT = { timeout: 20_000 };

describe('a room', () => {
  const pages = usePages();
  const server = useServer();
  let proxy: Proxy;
  let ada: Page;
  let ben: Page;
  let eve: Page;
  let viewLink: string;
  const problems: (() => readonly string[])[] = [];

  beforeAll(async () => {
    proxy = await startProxy(server.port);
  });
  afterAll(() => proxy?.close());

  async function open(url: string): Promise<Page> {
    const opened = await pages.open(url, { viewport: { width: 1000, height: 760 } });
    problems.push(() => opened.problems);
    return opened.page;
  }

  const everybodySees = (place: readonly [number, number], color: string, pages: readonly Page[]) =>
    expect
      .poll(() => Promise.all(pages.map((page) => sketchColor(page, place))), PATIENT)
      .toEqual(pages.map(() => color));

  /** Waits for equal pixels on all sketches and equal bytes of all pictures. */
  async function expectSame(pages: readonly Page[]): Promise<void> {
    const count = (values: readonly unknown[]) => new Set(values).size;
    await expect.poll(async () => count(await Promise.all(pages.map(sketchHash))), PATIENT).toBe(1);
    await expect.poll(async () => count(await Promise.all(pages.map(pictureHash))), PATIENT).toBe(1);
  }

  it('loads no code while a person draws alone', async () => {
    const context = await pages.browser.newContext();
    ada = await context.newPage();
    const requests: string[] = [];
    ada.on('request', (request) => requests.push(request.url()));
    await ada.goto(server.url);
    await viewCanvas(ada).waitFor({ state: 'visible' });
    expect(requests.filter((url) => url.includes('rooms'))).toEqual([]);
    await ada.close();
  });

  it('is made of a person’s drawing, and its link lets others draw', async () => {
    ada = await open(server.url);
    await viewCanvas(ada).waitFor({ state: 'visible' });
    await ada.getByRole('button', { name: 'Draw together' }).click();
    const link = await ada.getByRole('textbox', { name: 'Link to draw together' }).inputValue();
    viewLink = await ada.getByRole('textbox', { name: 'Link to watch' }).inputValue();
    expect(new Set([link, viewLink, ada.url()]).size, 'the owner’s own address is a third').toBe(3);
    await type(ada.getByRole('textbox', { name: 'Your name' }), 'Ada');
    await ada.keyboard.press('Escape');

    ben = await open(link.replace(`:${server.port}`, `:${proxy.port}`));
    await ben.getByRole('button', { name: 'Draw together' }).click();
    await type(ben.getByRole('textbox', { name: 'Your name' }), 'Ben');
    await expect.poll(() => ben.locator('underpaint-people .name').allTextContents(), PATIENT).toEqual(['Ada']);
    await ben.keyboard.press('Escape');
    await viewCanvas(ben).waitFor({ state: 'visible' });
    await expectSame([ada, ben]);
  });

  it('shows pointers and strokes of each person to the other, and one picture', async () => {
    const [place] = await onPage(ben, [0.25, 0.75]);
    await ben.mouse.move(place!.x, place!.y);
    await expect.poll(() => ada.locator('underpaint-cursors .name').allTextContents(), PATIENT).toEqual(['Ben']);
    const [expected] = await onPage(ada, [0.25, 0.75]);
    await expect
      .poll(async () => {
        const box = (await ada.locator('underpaint-cursors .pointer').boundingBox())!;
        return Math.hypot(box.x - expected!.x, box.y - expected!.y);
      }, PATIENT)
      .toBeLessThan(3);

    await setUpSketch(ada, { color: RED, size: 30 });
    await setUpSketch(ben, { color: BLUE, size: 30 });
    await Promise.all([drawLine(ada, [0.2, 0.15], [0.8, 0.15]), drawLine(ben, [0.2, 0.5], [0.8, 0.5])]);
    await everybodySees([0.5, 0.15], RED, [ada, ben]);
    await everybodySees([0.5, 0.5], BLUE, [ada, ben]);
    await expectSame([ada, ben]);
  });

  it('undoes only a person’s own strokes', async () => {
    await ada.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => sketchColor(ben, [0.5, 0.15]), PATIENT).not.toBe(RED);
    await everybodySees([0.5, 0.5], BLUE, [ada, ben]);
    await ada.getByRole('button', { name: 'Redo' }).click();
    await everybodySees([0.5, 0.15], RED, [ada, ben]);
  });

  it('shares the prompt, and shows who changed it', async () => {
    const prompt = ben.getByRole('textbox', { name: 'What is it?' });
    await prompt.fill('a foggy forest');
    await prompt.press('Enter');
    await expect
      .poll(() => ada.getByRole('textbox', { name: 'What is it?' }).inputValue(), PATIENT)
      .toBe('a foggy forest');
    await expect
      .poll(() => ada.locator('underpaint-studio .notice').textContent(), PATIENT)
      .toBe('Ben changed the words.');
    const own = ada.getByRole('textbox', { name: 'What is it?' });
    await own.fill('the sea at sunset, a sailboat');
    await own.press('Enter');
    await expect.poll(() => prompt.inputValue(), PATIENT).toBe('the sea at sunset, a sailboat');
  });

  it('merges strokes drawn offline', async () => {
    proxy.isDown = true;
    proxy.cut();
    await expect.poll(() => status(ben), PATIENT).not.toBe('live');
    await drawLine(ben, [0.2, 0.85], [0.8, 0.85]);
    await setUpSketch(ada, { color: GREEN });
    await drawLine(ada, [0.2, 0.65], [0.8, 0.65]);
    await everybodySees([0.5, 0.65], GREEN, [ada]);
    expect(await sketchColor(ben, [0.5, 0.85])).toBe(BLUE);
    expect(await sketchColor(ada, [0.5, 0.85])).not.toBe(BLUE);

    proxy.isDown = false;
    await everybodySees([0.5, 0.85], BLUE, [ada, ben]);
    await everybodySees([0.5, 0.65], GREEN, [ada, ben]);
    await expectSame([ada, ben]);
  });

  it('shows everything to a late viewer, without the right to change it', async () => {
    eve = await open(viewLink);
    await viewCanvas(eve).waitFor({ state: 'visible' });
    await everybodySees([0.5, 0.85], BLUE, [eve]);
    await expectSame([ada, ben, eve]);
    const before = await sketchHash(eve);
    await drawLine(eve, [0.2, 0.3], [0.8, 0.3]);
    expect(await sketchHash(eve)).toBe(before);
    for (const tag of ['toolbar', 'brush']) expect(await eve.locator(`underpaint-${tag}`).count(), tag).toBe(0);
    for (const name of ['Camera', 'Hold: send nothing', 'Use the picture as sketch', 'New seed'])
      expect(await eve.getByRole('button', { name, exact: true }).count(), name).toBe(0);
    expect(await eve.getByRole('textbox').count(), 'the words are text').toBe(0);
    await eve.getByText('the sea at sunset, a sailboat').waitFor();
    await eve.getByRole('button', { name: 'Watching' }).click();
    expect(await eve.getByRole('textbox', { name: 'Link to draw together' }).count()).toBe(0);
    await eve.keyboard.press('Escape');
    await expect.poll(() => ada.locator('underpaint-studio .notice').textContent(), PATIENT).toContain('joined');
  });

  it('is locked and unlocked by its owner', async () => {
    await ada.getByRole('button', { name: 'Draw together' }).click();
    const lock = ada.getByRole('checkbox', { name: 'Lock the sketch: only I can draw' });
    await lock.check();
    await expect.poll(() => ben.getByRole('button', { name: 'Locked' }).count(), PATIENT).toBe(1);
    const before = await sketchHash(ben);
    await drawLine(ben, [0.2, 0.3], [0.8, 0.3]);
    expect(await sketchHash(ben)).toBe(before);
    await lock.uncheck();
    await expect.poll(() => ben.getByRole('button', { name: 'Locked' }).count(), PATIENT).toBe(0);
    await ada.keyboard.press('Escape');
    await drawLine(ben, [0.2, 0.3], [0.8, 0.3]);
    await everybodySees([0.5, 0.3], BLUE, [ada, ben, eve]);
    await expectSame([ada, ben, eve]);
  });

  it('shows the presenter’s camera; others follow; the presenter hands over', async () => {
    const before = await pictureHash(eve);
    await ada.getByRole('button', { name: 'Camera', exact: true }).click();
    await expect.poll(() => pictureHash(eve), PATIENT).not.toBe(before);
    await expectDisabled(ben, 'Camera');
    await ada.getByRole('button', { name: 'Picture alone' }).click();
    await expect.poll(() => ben.locator('underpaint-studio').getAttribute('view'), PATIENT).toBe('result');

    await ada.getByRole('button', { name: 'Draw together' }).click();
    await ada.getByRole('button', { name: 'Hand over the camera to Ben' }).click();
    await expect.poll(() => ben.locator('underpaint-studio .notice').textContent(), PATIENT).toContain('your camera');
    expect(await ada.locator('underpaint-studio').getAttribute('input')).toBe('sketch');
    await ada.keyboard.press('Escape');
    await ben.getByRole('button', { name: 'Camera', exact: true }).click();
    const handed = await pictureHash(eve);
    await expect.poll(() => pictureHash(eve), PATIENT).not.toBe(handed);
    await ben.getByRole('button', { name: 'Sketch', exact: true }).click();
    await expectSame([ada, eve]);
  });

  it('can be left, shows who left, and can be entered again by its address', async () => {
    const address = ben.url();
    await ben.getByRole('button', { name: 'Draw together' }).click();
    await ben.getByRole('button', { name: 'Leave the room' }).click();
    await expect.poll(() => ada.locator('underpaint-studio .notice').textContent(), PATIENT).toContain('Ben left.');
    await expect.poll(() => status(ben), PATIENT).toBe('live');
    expect(await sketchColor(ben, [0.5, 0.5]), 'the drawing is the person’s own now').toBe(BLUE);
    await ben.goto(address);
    await everybodySees([0.5, 0.5], BLUE, [ben]);
    await expectSame([ada, ben, eve]);
  });

  it('causes no errors on the page', () => {
    // The browser reports the connections that the test cut.
    const told = problems
      .flatMap((all) => all())
      .filter((problem) => !/WebSocket connection|connection to .*wss?:/.test(problem));
    expect(told).toEqual([]);
  });
});

describe('a room with a small limit for its drawing', () => {
  const pages = usePages();
  let server: UnderpaintServer;

  beforeAll(async () => {
    server = await startServer({ maxDrawingBytes: 16 * 1024 });
  });
  afterAll(() => server?.stop());

  it('reports a change that is too large, drops it, and continues', async () => {
    const { page: ada } = await pages.open(`http://127.0.0.1:${server.port}/`);
    await viewCanvas(ada).waitFor({ state: 'visible' });
    await ada.getByRole('button', { name: 'Draw together' }).click();
    const link = await ada.getByRole('textbox', { name: 'Link to draw together' }).inputValue();
    await ada.keyboard.press('Escape');
    const { page: ben } = await pages.open(link);
    await setUpSketch(ada, { color: RED, size: 30 });
    await drawLine(ada, [0.2, 0.15], [0.8, 0.15]);
    await expect.poll(() => sketchColor(ben, [0.5, 0.15]), PATIENT).toBe(RED);

    await ada.locator('underpaint-sketch').evaluate(async (sketch) => {
      const noise = new OffscreenCanvas(512, 512);
      const image = noise.getContext('2d')!.createImageData(512, 512);
      for (let at = 0; at < image.data.length; at += 65_536)
        crypto.getRandomValues(image.data.subarray(at, at + 65_536));
      noise.getContext('2d')!.putImageData(image, 0, 0);
      await (sketch as HTMLElementTagNameMap['underpaint-sketch']).addPicture(await noise.convertToBlob());
    });
    await expect.poll(() => ada.locator('underpaint-studio .notice').textContent(), PATIENT).toContain('limit');
    await expect.poll(() => sketchColor(ada, [0.5, 0.15]), PATIENT).toBe(RED);
    await drawLine(ada, [0.2, 0.85], [0.8, 0.85]);
    await expect.poll(() => sketchColor(ben, [0.5, 0.85]), PATIENT).toBe(RED);
    expect(await sketchHash(ben)).toBe(await sketchHash(ada));
  });
});

async function expectDisabled(page: Page, name: string): Promise<void> {
  const button = page.getByRole('button', { name, exact: true });
  await expect.poll(() => button.getAttribute('aria-disabled'), PATIENT).toBe('true');
}

function status(page: Page): Promise<string | undefined> {
  return page
    .locator('underpaint-studio')
    .evaluate((studio) => (studio as HTMLElementTagNameMap['underpaint-studio']).client?.state.status);
}

/** Hash of the sketch's pixels. */
function sketchHash(page: Page): Promise<string> {
  return sketchCanvas(page).evaluate(async (element) => {
    const { width, height } = element as HTMLCanvasElement;
    const { data } = (element as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
    return new Uint8Array(await crypto.subtle.digest('SHA-256', data)).toString();
  });
}

/** Hash of the shown picture's bytes. */
function pictureHash(page: Page): Promise<string> {
  return page.locator('underpaint-view').evaluate(async (view) => {
    const { picture } = view as HTMLElementTagNameMap['underpaint-view'];
    return new Uint8Array(await crypto.subtle.digest('SHA-256', await picture!.arrayBuffer())).toString();
  });
}
