import type { Result } from '../kept/results.js';
import { download } from './download.js';
import { zip, type ZipEntry } from './zip.js';

const MAX_NAME_LENGTH = 48;

/** Downloads one picture, named after its words. */
export function saveResult({ picture, params }: Result): void {
  download(picture, `${nameOf(params.prompt)}.jpg`);
}

/** Downloads pictures as one archive, oldest first, with a list of their words and settings. */
export async function saveAll(results: readonly Result[]): Promise<void> {
  const inOrder = results.toReversed();
  const digits = String(inOrder.length).length;
  const names = inOrder.map(
    ({ params }, index) => `${String(index + 1).padStart(digits, '0')}-${nameOf(params.prompt)}.jpg`,
  );
  const pictures = inOrder.map(async ({ picture }, index): Promise<ZipEntry> => {
    return { name: names[index]!, data: new Uint8Array(await picture.arrayBuffer()) };
  });
  const list = inOrder.map(({ params, at }, index) => ({ file: names[index], at: new Date(at).toISOString(), params }));
  const json = new TextEncoder().encode(JSON.stringify(list, null, 2));
  download(zip([...(await Promise.all(pictures)), { name: 'pictures.json', data: json }]), 'underpaint-pictures.zip');
}

/** The words as a file name. */
function nameOf(prompt: string): string {
  const name = prompt.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '-');
  return name.slice(0, MAX_NAME_LENGTH).replaceAll(/^-+|-+$/g, '') || 'picture';
}
