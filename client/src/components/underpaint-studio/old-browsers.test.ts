import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import '../../define.js';
import { FakeServer } from '../../stream/fake-server.fake.js';
import { pointer } from '../testing.fake.js';

describe('<underpaint-studio> in older browsers', () => {
  let server: FakeServer;

  beforeEach(() => {
    server = new FakeServer();
    server.echo = true;
  });
  afterEach(() => server.uninstall());

  const framesSent = (count: number) =>
    vi.waitFor(() => expect(server.ofType('frame').length).toBeGreaterThanOrEqual(count));

  it('draws and sends frames in browsers without OffscreenCanvas', async () => {
    const { OffscreenCanvas } = globalThis;
    Reflect.deleteProperty(globalThis, 'OffscreenCanvas');
    try {
      const other = Object.assign(document.createElement('underpaint-studio'), { starter: true });
      const before = server.ofType('frame').length;
      document.body.append(other);
      await framesSent(before + 1);
      const canvas = other.sketch.renderRoot.querySelector('canvas')!;
      pointer(canvas, 'pointerdown', { at: [0.5, 0.5] });
      pointer(canvas, 'pointerup', { at: [0.5, 0.5] });
      await framesSent(before + 2);
      other.remove();
    } finally {
      globalThis.OffscreenCanvas = OffscreenCanvas;
    }
  });
});
