import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import '../define.js';
import { FakeServer } from '../stream/fake-server.fake.js';
import type { UnderpaintStudio } from './underpaint-studio/underpaint-studio.js';

const PATIENT = { timeout: 15_000 };
const SOME = 110;

describe('the pictures so far', () => {
  let server: FakeServer;
  let studio: UnderpaintStudio;
  let name = 0;

  beforeEach(async () => {
    server = new FakeServer();
    server.echo = true;
    await mount(`history ${Date.now()} ${++name}`);
  });
  afterEach(() => {
    studio.remove();
    server.uninstall();
    vi.restoreAllMocks();
  });

  async function mount(autosave: string): Promise<void> {
    studio = Object.assign(document.createElement('underpaint-studio'), { autosave, starter: true });
    document.body.append(studio);
    await vi.waitFor(() => expect(studio.result.picture).not.toBeNull(), PATIENT);
    await vi.waitFor(() => expect(customElements.get('underpaint-snapshots')).toBeDefined(), PATIENT);
  }

  const strip = () => studio.renderRoot.querySelector('underpaint-snapshots')!;
  const pictures = () => [...strip().shadowRoot!.querySelectorAll<HTMLButtonElement>('.one')];
  const count = (expected: number) => vi.waitFor(() => expect(pictures()).toHaveLength(expected), PATIENT);
  const setWords = (prompt: string) => {
    studio.client!.setParams({ prompt, strength: prompt === 'a red house' ? 0.3 : 0.8 });
    studio.client!.flushParams();
  };

  async function press(words: string): Promise<void> {
    const find = () => [...strip().shadowRoot!.querySelectorAll<HTMLButtonElement>('dialog button')];
    const named = () => find().find((button) => [button.ariaLabel, button.textContent?.trim()].includes(words));
    await vi.waitFor(() => expect(named(), words).toBeDefined(), PATIENT);
    named()!.click();
    await strip().updateComplete;
  }

  function draw(color: string): void {
    studio.sketch.drawing.add({ kind: 'rectangle', color, size: 1, opacity: 1, from: [0, 0], to: [90, 90] });
  }

  it(`keeps ${SOME}, and loses none when the page is opened again`, async () => {
    for (let index = 0; index < SOME; index++) await studio.perform('snapshot');
    await count(SOME);
    const { autosave } = studio;
    studio.remove();
    await mount(autosave);
    await count(SOME);
    expect(pictures().every((button) => button.hasAttribute('data-kept'))).toBe(true);
  }, 60_000);

  it('shows one large, and deletes it for good', async () => {
    setWords('a red house');
    await studio.perform('snapshot');
    setWords('a blue house');
    await studio.perform('snapshot');
    await count(2);
    pictures()[1]!.click();
    await strip().updateComplete;
    const dialog = strip().shadowRoot!.querySelector('dialog')!;
    expect(dialog.open).toBe(true);
    expect(dialog.textContent).toContain('a red house');
    expect(dialog.querySelector('img')!.getBoundingClientRect().width).toBeGreaterThan(200);
    await press('Delete');
    await count(1);
    expect(dialog.textContent).toContain('a blue house');
    const { autosave } = studio;
    studio.remove();
    await mount(autosave);
    await count(1);
    expect(pictures()[0]!.ariaLabel).toContain('a blue house');
  });

  it('are downloaded as one archive', async () => {
    setWords('a red house');
    await studio.perform('snapshot');
    await studio.perform('snapshot');
    await count(2);
    let archive: Promise<ArrayBuffer> | undefined;
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      archive = fetch(this.href).then((response) => response.arrayBuffer());
    });
    pictures()[0]!.click();
    await strip().updateComplete;
    await press('Download all as one file');
    await vi.waitFor(() => expect(archive).toBeDefined(), PATIENT);
    const bytes = new Uint8Array((await archive)!);
    const end = new DataView(bytes.buffer, bytes.length - 22);
    expect([end.getUint32(0, true), end.getUint16(10, true)]).toEqual([0x06054b50, 3]);
    const text = new TextDecoder('latin1').decode(bytes);
    for (const file of ['1-a-red-house.jpg', '2-a-red-house.jpg', 'pictures.json'])
      expect(text.split(file).length, 'in a header of its own, in the directory, and in the list').toBeGreaterThan(2);
    const picture = new Uint8Array(await studio.result.picture!.arrayBuffer());
    expect(bytes.subarray(30 + '1-a-red-house.jpg'.length).slice(0, picture.length)).toEqual(picture);
  });

  it('bring sketch, words and settings back, in one step that undo takes back', async () => {
    setWords('a red house');
    draw('#ff0000');
    const marks = studio.sketch.state.marks.length;
    await studio.perform('snapshot');
    await count(1);
    setWords('a blue house');
    draw('#0000ff');
    pictures()[0]!.click();
    await press('Go back to this');
    await vi.waitFor(() => expect(studio.sketch.state.marks).toHaveLength(marks), PATIENT);
    expect(studio.client!.params).toMatchObject({ prompt: 'a red house', strength: 0.3 });
    studio.sketch.undo();
    expect(studio.sketch.state.marks).toHaveLength(marks + 1);
    expect(studio.client!.params).toMatchObject({ prompt: 'a blue house', strength: 0.8 });
    studio.sketch.redo();
    expect(studio.client!.params).toMatchObject({ prompt: 'a red house', strength: 0.3 });
  });

  it('have one that nobody kept for each change, once the picture stands still', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1_800));
    expect(pictures(), 'nothing was changed').toEqual([]);
    draw('#ff0000');
    await count(1);
    expect(pictures()[0]!.hasAttribute('data-kept')).toBe(false);
    draw('#0000ff');
    await count(2);
  });
});
