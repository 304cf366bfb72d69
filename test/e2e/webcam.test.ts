import type { Page } from 'playwright';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { launchBrowser, openPage, viewCanvas } from '../helpers/browser.js';
import { usePages, useServer } from '../helpers/pages.js';

/** Anything larger than this on the wire is a picture. */
const PICTURE_BYTES = 1_000;

describe('the camera as source, with a fake camera', () => {
  const pages = usePages();
  const server = useServer();
  let page: Page;
  let framesSent: number;

  beforeEach(async () => {
    framesSent = 0;
    ({ page } = await pages.open('about:blank', { permissions: ['camera'] }));
    page.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => (framesSent += Number(payload.length > PICTURE_BYTES))),
    );
    await page.goto(server.url);
    await viewCanvas(page).waitFor({ state: 'visible' });
  });
  afterEach(() => page.context().close());

  const startCamera = async () => {
    await page.getByRole('button', { name: 'Camera', exact: true }).click();
    await page.locator('underpaint-webcam video').waitFor({ state: 'visible' });
  };
  const moreFrames = (than: number) =>
    vi.waitFor(() => expect(framesSent).toBeGreaterThan(than), { timeout: 10_000, interval: 50 });

  it('sends frames and shows their pictures', async () => {
    await startCamera();
    const before = framesSent;
    await moreFrames(before + 3);
    const video = page.locator('underpaint-webcam video');
    expect(await video.evaluate((element) => (element as HTMLVideoElement).videoWidth)).toBeGreaterThan(0);
  });

  it('sends nothing on hold, and continues afterwards', async () => {
    await startCamera();
    await moreFrames(framesSent);
    await page.getByRole('button', { name: /^Hold/ }).click();
    await page.waitForTimeout(300);
    const held = framesSent;
    await page.waitForTimeout(700);
    expect(framesSent).toBe(held);
    expect(await page.locator('underpaint-status').getByRole('status').textContent()).toBe('On hold');
    await page.getByRole('button', { name: /^Hold/ }).click();
    await moreFrames(held);
  });

  it('stops the camera when the sketch is the source again, and sends the sketch', async () => {
    await startCamera();
    const track = await page.locator('underpaint-webcam video').evaluateHandle((element) => {
      const [first] = ((element as HTMLVideoElement).srcObject as MediaStream).getVideoTracks();
      return first!;
    });
    await page.getByRole('button', { name: 'Sketch', exact: true }).click();
    await page.locator('underpaint-sketch canvas').waitFor({ state: 'visible' });
    expect(await track.evaluate((each) => each.readyState)).toBe('ended');
    await page.waitForTimeout(500);
    const still = framesSent;
    await page.waitForTimeout(500);
    expect(framesSent, 'a still sketch sends nothing').toBe(still);
  });

  it('explains a camera without permission', async () => {
    const strict = await launchBrowser({ fakePermission: false });
    try {
      const { page: other } = await openPage(strict, server.url);
      await other.getByRole('button', { name: 'Camera', exact: true }).click();
      await other.getByText('This page may not use the camera').waitFor();
    } finally {
      await strict.close();
    }
  });
});
