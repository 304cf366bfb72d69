import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import '../define.js';
import { FakeServer } from '../stream/fake-server.fake.js';
import { pointer } from './testing.fake.js';
import type { UnderpaintStudio } from './underpaint-studio/underpaint-studio.js';

const MOVES = 30;
/** Slower than the limit of the frame rate, so that no frame waits for its turn. */
const PAUSE_MS = 70;

/** The client's own share of the time: a server inside the page answers every frame at once with the same bytes. */
describe('the client’s own time', () => {
  let server: FakeServer;
  let studio: UnderpaintStudio;
  let canvas: HTMLCanvasElement;

  beforeEach(async () => {
    server = new FakeServer({ width: 256, height: 256 });
    server.echo = true;
    studio = document.createElement('underpaint-studio');
    studio.starter = true;
    document.body.append(studio);
    await studio.updateComplete;
    canvas = studio.sketch.renderRoot.querySelector('canvas')!;
  });
  afterEach(() => {
    studio.remove();
    server.uninstall();
  });

  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

  it('a stroke is painted in the next display frame', async () => {
    studio.sketch.color = '#ff0000';
    studio.sketch.size = 30;
    await frame();
    pointer(canvas, 'pointerdown', { at: [0.5, 0.5] });
    pointer(canvas, 'pointermove', { at: [0.52, 0.5] });
    await frame();
    const [red, green] = canvas.getContext('2d')!.getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data;
    expect([red, green]).toEqual([255, 0]);
    pointer(canvas, 'pointerup', { at: [0.52, 0.5] });
  });

  it('the time from the change to the picture is counted for each of them', async () => {
    await vi.waitFor(() => expect(server.ofType('ack').length).toBeGreaterThan(0));
    pointer(canvas, 'pointerdown', { at: [0.1, 0.5] });
    for (let i = 1; i <= MOVES; i++) {
      pointer(canvas, 'pointermove', { at: [0.1 + (0.8 * i) / MOVES, 0.5] });
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    pointer(canvas, 'pointerup', { at: [0.9, 0.5] });
    expect(server.ofType('frame').length).toBeGreaterThan(MOVES / 2);
    // `node test/bench/hands.mjs` measures it; here, on a busy machine, it is only known to be a time of this drag.
    const { inputToImageMedianMs, inputToImageP90Ms } = studio.client!.statistics;
    expect(inputToImageMedianMs).toBeGreaterThan(0);
    expect(inputToImageP90Ms).toBeGreaterThanOrEqual(inputToImageMedianMs);
    expect(inputToImageP90Ms).toBeLessThan(MOVES * PAUSE_MS);
  });
});
