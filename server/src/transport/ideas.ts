import type { IncomingMessage, ServerResponse } from 'node:http';
import { PageFiles } from './page-files.js';

/** What clients see in the list of ideas. */
interface IdeaEntry {
  /** Its files are `NAME.underpaint` and `NAME.webp`. */
  readonly name: string;
  readonly words: string;
}

/** Each idea is a drawing with its words and settings, as docs/FILE.md describes it, and the model's picture of it. */
const IDEA_FILE = /^\/[\w-]+\.(underpaint|webp)$/;

/** The ideas in the folder of a model, held in memory. A folder without any is the usual case. */
export class Ideas {
  /** In the order of their names. */
  readonly list: readonly IdeaEntry[];
  readonly #files: PageFiles;

  /** @param dir the folder of ideas; it need not exist. Ideas without a picture or without words are left out. */
  constructor(dir: string) {
    this.#files = new PageFiles(dir, (path) => IDEA_FILE.test(path));
    this.list = this.#files.paths
      .filter((path) => path.endsWith('.underpaint'))
      .map((path) => ({ name: path.slice(1, -'.underpaint'.length), words: wordsOf(this.#files.text(path)!) }))
      .filter(({ name, words }) => words !== '' && this.#files.has(`/${name}.webp`))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @param path from the folder, with a slash in front */
  has(path: string): boolean {
    return this.#files.has(path);
  }

  /** Answers with the file at `path`, which must be there. */
  send(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#files.send(path, request, response);
  }
}

function wordsOf(text: string): string {
  try {
    const { params } = JSON.parse(text) as { readonly params?: { readonly prompt?: unknown } };
    return typeof params?.prompt === 'string' ? params.prompt : '';
  } catch {
    return '';
  }
}
