import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import '../../define.js';
import { FakeServer } from '../../stream/fake-server.fake.js';
import type { UnderpaintStudio } from '../underpaint-studio/underpaint-studio.js';

const PATIENT = { timeout: 15_000 };

describe('the speed and the age of the picture', () => {
  let server: FakeServer;
  let studio: UnderpaintStudio;

  beforeEach(async () => {
    server = new FakeServer();
    server.echo = true;
    studio = Object.assign(document.createElement('underpaint-studio'), { starter: true });
    document.body.append(studio);
    await vi.waitFor(() => expect(studio.result.picture).not.toBeNull(), PATIENT);
  });
  afterEach(() => {
    studio.remove();
    server.uninstall();
  });

  const readOut = () =>
    studio.renderRoot.querySelector('underpaint-status')!.shadowRoot!.querySelector<HTMLElement>('.readout');
  const sign = () => studio.result.renderRoot.querySelector<HTMLElement>('.behind')!;
  const draw = () =>
    studio.sketch.drawing.add({ kind: 'rectangle', color: '#ff0000', size: 1, opacity: 1, from: [0, 0], to: [9, 9] });

  it('says nothing of pictures a second while none comes', async () => {
    await vi.waitFor(() => expect(readOut()?.textContent).toContain('ms'), PATIENT);
    await vi.waitFor(() => expect(studio.client!.statistics.framesPerSecond).toBe(0), PATIENT);
    await vi.waitFor(() => expect(readOut()!.innerText).not.toContain('fps'), PATIENT);
    expect(readOut()!.innerText).toContain('ms');
  });

  it('shows a sign while the picture is older than the sketch', async () => {
    await vi.waitFor(() => expect(sign().hidden).toBe(true), PATIENT);
    server.echo = false;
    const answered = server.ofType('frame').length;
    draw();
    await vi.waitFor(() => expect(sign().hidden).toBe(false), PATIENT);
    await vi.waitFor(() => expect(server.ofType('frame').length).toBeGreaterThan(answered), PATIENT);
    server.echo = true;
    for (const { seq, data } of server.ofType('frame').slice(answered)) server.image(seq, data);
    await vi.waitFor(() => expect(sign().hidden).toBe(true), PATIENT);
  });
});
