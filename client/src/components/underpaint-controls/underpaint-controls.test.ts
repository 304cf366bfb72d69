import { DEFAULT_RANGES } from '@underpaint/shared';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import '../../define.js';
import { FakeServer } from '../../stream/fake-server.fake.js';
import { StreamClient } from '../../stream/stream-client.js';
import { STUDIO_STRINGS } from '../strings/studio.js';
import { expectAccessible } from '../testing.fake.js';
import type { UnderpaintControls } from './underpaint-controls.js';

const CONTROL = { min: 0, max: 1, step: 0.05 };

describe('<underpaint-controls>', () => {
  let server: FakeServer;
  let client: StreamClient;
  let controls: UnderpaintControls;

  beforeEach(() => void (server = new FakeServer()));
  afterEach(() => {
    controls.remove();
    client.close();
    server.uninstall();
  });

  async function show(): Promise<void> {
    client = new StreamClient({ url: 'ws://localhost/ws' });
    client.connect();
    controls = Object.assign(document.createElement('underpaint-controls'), { client });
    document.body.append(controls);
    await vi.waitFor(() => expect(client.state.status).toBe('live'));
    await controls.updateComplete;
  }

  const sliders = () => [...controls.renderRoot.querySelectorAll<HTMLInputElement>('[type=range]')];
  const slider = (name: string) => sliders().find(({ id }) => id === name)!;
  const hint = () => controls.renderRoot.querySelector('#unknown')?.textContent;

  it('has a slider for control only if the model takes it, and first', async () => {
    await show();
    expect(sliders().map(({ id }) => id)).toEqual(['strength', 'steps', 'guidance']);
    controls.remove();
    client.close();
    server.ranges = { ...DEFAULT_RANGES, control: CONTROL };
    await show();
    expect(sliders().map(({ id }) => id)).toEqual(['control', 'strength', 'steps', 'guidance']);
    expect(slider('control').labels![0]!.textContent).toBe('Follow the sketch');
    slider('control').value = '0.3';
    slider('control').dispatchEvent(new InputEvent('input'));
    await vi.waitFor(() => expect(server.ofType('params').at(-1)?.params).toEqual({ control: 0.3 }));
    await expectAccessible(controls);
  });

  it('has no slider where there is no choice', async () => {
    server.ranges = { ...DEFAULT_RANGES, guidance: { min: 1, max: 1, step: 0.1 } };
    await show();
    expect(sliders().map(({ id }) => id)).toEqual(['strength', 'steps']);
  });

  it('offers previews only with a slow model, or to turn them off', async () => {
    const offers = async () => {
      await show();
      const has = controls.renderRoot.querySelector('.preview') !== null;
      controls.remove();
      client.close();
      return has;
    };
    expect(await offers()).toBe(false);
    server.params = { ...server.params, preview: true };
    expect(await offers()).toBe(true);
    server.params = { ...server.params, preview: false };
    server.defaults = { ...server.defaults, preview: true };
    expect(await offers()).toBe(true);
  });

  it('says what strength does with the model', async () => {
    const said = async () => {
      await show();
      controls.client!.setParams({ strength: 1 });
      await vi.waitFor(() => expect(slider('strength').value).toBe('1'));
      const words = slider('strength').getAttribute('aria-valuetext');
      controls.remove();
      client.close();
      return words;
    };
    expect(await said()).toBe('1.00, mostly imagined');
    server.model = { startsFromNoise: true };
    expect(await said()).toBe('1.00, painted afresh');
    server.model = {};
    server.ranges = { ...DEFAULT_RANGES, control: CONTROL };
    expect(await said()).toBe('1.00, painted afresh');
  });

  it('goes back to the usual value on a double click', async () => {
    server.params = { ...server.params, strength: 0.9 };
    await show();
    expect(slider('strength').value).toBe('0.9');
    slider('strength').dispatchEvent(new MouseEvent('dblclick'));
    await vi.waitFor(() => expect(server.ofType('params').at(-1)?.params).toEqual({ strength: 0.6 }));
  });

  it('names words that the model does not know, and says nothing if the model does not tell its words', async () => {
    server.params = { ...server.params, prompt: 'a dragon by a lake' };
    await show();
    expect(hint()).toBeUndefined();
    controls.remove();
    client.close();
    server.model = { vocabulary: ['a', 'by', 'lake'] };
    await show();
    expect(hint()).toBe(STUDIO_STRINGS.unknownWords(['dragon']));
    const input = controls.renderRoot.querySelector<HTMLInputElement>('.prompt input')!;
    expect(input.getAttribute('aria-describedby')).toBe('unknown');
    await expectAccessible(controls);
    input.value = 'a lake';
    input.dispatchEvent(new InputEvent('input'));
    await vi.waitFor(() => expect(hint()).toBe(''));
  });
});
