import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import '../../define.js';
import { FakeServer } from '../../stream/fake-server.fake.js';
import type { UnderpaintStudio } from '../underpaint-studio/underpaint-studio.js';

/** The page of these tests has no ideas of its own; test/e2e/ideas.test.ts has the cards of the embedded model. */
describe('the ideas of a model without cards', () => {
  let server: FakeServer;
  let studio: UnderpaintStudio;

  beforeEach(() => (server = new FakeServer()));
  afterEach(() => {
    studio.remove();
    server.uninstall();
  });

  const controls = () => studio.renderRoot.querySelector('underpaint-controls')!.renderRoot;
  const opener = () => controls().querySelector<HTMLButtonElement>('.ideas');

  async function mount(): Promise<void> {
    studio = document.createElement('underpaint-studio');
    document.body.append(studio);
    await vi.waitFor(() => expect(studio.client?.state.status).toBe('live'), { timeout: 5_000 });
    await studio.updateComplete;
    await studio.renderRoot.querySelector('underpaint-controls')!.updateComplete;
  }

  it('are words, and the chosen ones are sent at once', async () => {
    await mount();
    opener()!.click();
    const dialog = () => controls().querySelector('underpaint-ideas')?.shadowRoot?.querySelector('dialog');
    await vi.waitFor(() => expect(dialog()?.open).toBe(true), { timeout: 5_000 });
    const words = [...dialog()!.querySelectorAll<HTMLButtonElement>('.word')];
    expect(words.map((each) => each.textContent)).toEqual(['misty mountains', 'a calm sea']);
    words[1]!.click();
    await vi.waitFor(() => expect(server.ofType('params').at(-1)?.params).toEqual({ prompt: 'a calm sea' }));
    expect(dialog()!.open).toBe(false);
  });

  it('are not offered if there are none', async () => {
    server.model = { prompts: [] };
    await mount();
    expect(opener()).toBeNull();
  });
});
