import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import '../../define.js';
import { readDrawingFile, writeDrawingFile } from '../../drawing/drawing-file.js';
import type { Mark } from '../../drawing/marks.js';
import { FakeServer } from '../../stream/fake-server.fake.js';
import { STUDIO_STRINGS } from '../strings/studio.js';
import { expectAccessible, onePixel } from '../testing.fake.js';
import type { UnderpaintExport } from '../underpaint-export/underpaint-export.js';
import type { ViewCommand } from '../underpaint-viewbar/underpaint-viewbar.js';
import type { UnderpaintStudio } from './underpaint-studio.js';

const LINE: Mark = { kind: 'line', color: '#ff0000', size: 4, opacity: 1, from: [0, 0], to: [99, 99] };

describe('files of <underpaint-studio>', () => {
  let server: FakeServer;
  let studio: UnderpaintStudio;
  let downloads: { readonly name: string; readonly file: Promise<Blob> }[];

  beforeEach(async () => {
    server = new FakeServer();
    server.echo = true;
    downloads = [];
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      downloads.push({ name: this.download, file: fetch(this.href).then((response) => response.blob()) });
    });
    studio = Object.assign(document.createElement('underpaint-studio'), { prompt: 'Misty mountains, at dawn' });
    document.body.append(studio);
    await vi.waitFor(() => expect(studio.result.picture).not.toBeNull(), { timeout: 10_000 });
  });
  afterEach(() => {
    studio.remove();
    server.uninstall();
    vi.restoreAllMocks();
  });

  const sizeOf = async (file: Promise<Blob>) => {
    const { width, height } = await createImageBitmap(await file);
    return [width, height];
  };
  const notice = () => studio.renderRoot.querySelector('.notice')!.textContent;

  it('are named by the words', async () => {
    for (const command of ['savePicture', 'saveSketch', 'saveDrawing'] as const) await studio.perform(command);
    expect(downloads.map(({ name }) => name)).toEqual(
      ['.jpg', '.png', '.underpaint'].map((extension) => `misty-mountains-at-dawn${extension}`),
    );
  });

  it.each([
    ['picture', 'png', 1, [64, 64]],
    ['sketch', 'jpeg', 2, [128, 128]],
    ['both', 'webp', 4, [512, 256]],
  ] as const)('export the %s as %s at %ix', async (...[part, format, scale, size]) => {
    const done = studio.perform('export');
    await vi.waitFor(() => expect(studio.renderRoot.querySelector('underpaint-export')?.shadowRoot).toBeTruthy());
    const dialog = studio.renderRoot.querySelector<UnderpaintExport>('underpaint-export')!;
    await dialog.updateComplete;
    if (part === 'both') await expectAccessible(dialog);
    for (const value of [part, format, scale]) {
      dialog.shadowRoot!.querySelector<HTMLInputElement>(`input[value="${value}"]`)!.click();
    }
    dialog.shadowRoot!.querySelector<HTMLButtonElement>('.go')!.click();
    await done;
    const [{ name, file }] = downloads as [(typeof downloads)[0]];
    expect([name.split('.').at(-1), (await file).type]).toEqual([
      format === 'jpeg' ? 'jpg' : format,
      `image/${format}`,
    ]);
    expect(await sizeOf(file)).toEqual(size);
    expect(studio.renderRoot.querySelector('underpaint-export')).toBeNull();
  });

  it('copies the picture as PNG', async () => {
    const write = vi.spyOn(navigator.clipboard, 'write').mockResolvedValue();
    await studio.perform('copyPicture');
    const [[item]] = write.mock.lastCall as [ClipboardItem[]];
    expect(await sizeOf(item!.getType('image/png'))).toEqual([64, 64]);
  });

  it('says so when the clipboard cannot be used', async () => {
    vi.spyOn(navigator.clipboard, 'write').mockRejectedValue(new DOMException('no', 'NotAllowedError'));
    await studio.perform('copyPicture' satisfies ViewCommand);
    await vi.waitFor(() => expect(notice()).toBe(STUDIO_STRINGS.saveFailed));
  });

  it('gives the picture to a drag, with its name', () => {
    const canvas = studio.result.renderRoot.querySelector('canvas')!;
    const dataTransfer = new DataTransfer();
    canvas.dispatchEvent(new DragEvent('dragstart', { dataTransfer, bubbles: true, composed: true }));
    expect(canvas.draggable).toBe(true);
    expect(dataTransfer.files[0]).toMatchObject({ name: 'misty-mountains-at-dawn.jpg', type: 'image/jpeg' });
    expect(dataTransfer.getData('DownloadURL')).toMatch(/^image\/jpeg:misty-mountains-at-dawn\.jpg:blob:/);
  });

  it('brings a saved drawing back with words, settings, layers and pictures, in one undo step', async () => {
    const layers = [0, 7].map((id) => ({ id, name: `layer ${id}`, isHidden: false, opacity: 0.5 }));
    studio.sketch.drawing.change({ marks: [{ ...LINE, layer: 7 }], layers, paper: '#ffffff' });
    await studio.sketch.addPicture(await onePixel());
    studio.client!.setParams({ strength: 0.3 });
    const before = studio.sketch.state;
    await studio.perform('saveDrawing');
    const file = new File([await downloads[0]!.file], 'a.underpaint');
    studio.sketch.clear();
    studio.client!.setParams({ prompt: 'another', strength: 0.9 });
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(file);
    const drop = new DragEvent('drop', { dataTransfer, bubbles: true, composed: true, cancelable: true });
    studio.renderRoot.querySelector('.bar')!.dispatchEvent(drop);
    await vi.waitFor(() => expect(studio.sketch.state.marks).toHaveLength(2));
    expect({ ...studio.sketch.state, marks: [] }).toEqual({ ...before, marks: [] });
    expect(studio.sketch.state.marks[0]).toEqual(before.marks[0]);
    expect(studio.client!.params).toMatchObject({ prompt: 'Misty mountains, at dawn', strength: 0.3 });
    studio.sketch.undo();
    expect(studio.sketch.state.marks).toHaveLength(0);
    expect(studio.client!.params).toMatchObject({ prompt: 'another', strength: 0.9 });
    studio.sketch.redo();
    expect(studio.client!.params).toMatchObject({ prompt: 'Misty mountains, at dawn', strength: 0.3 });
  });

  it.each([
    ['no JSON', 'a drawing?'],
    ['another format', '{"format":"other","version":1}'],
    ['a later version', '{"format":"underpaint","version":2,"marks":[]}'],
  ])('with %s are reported, and change nothing', async (_name, text) => {
    studio.sketch.drawing.add(LINE);
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([text], 'a.underpaint'));
    const drop = new DragEvent('drop', { dataTransfer, bubbles: true, composed: true, cancelable: true });
    studio.renderRoot.querySelector('.bar')!.dispatchEvent(drop);
    await vi.waitFor(() => expect(notice()).toBe(STUDIO_STRINGS.badDrawing));
    expect(studio.sketch.state.marks).toHaveLength(1);
  });

  it('leave out what cannot be painted', async () => {
    const good = await writeDrawingFile({ drawing: { marks: [LINE], background: null }, params: {} });
    const content = JSON.parse(await good.text()) as { marks: unknown[]; paper: unknown };
    content.marks.push({ kind: 'line' }, 7, null, { kind: 'picture', picture: 3 }, { kind: 'stroke', points: [] });
    content.paper = 'url(x)';
    const { drawing } = await readDrawingFile(new Blob([JSON.stringify(content)]));
    expect(drawing.marks).toEqual([LINE]);
    expect(drawing.paper).toBe('model');
  });
});
