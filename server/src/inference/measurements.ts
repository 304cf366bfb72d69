import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processorName } from '../pipeline/graphs/processor.js';
import { VERSION } from '../version.js';

/** Raised when older measurements mean something else. */
const FORM = 1;
/** More files than this are of models and machines that are gone. */
const MOST_FILES = 64;
const GRAPH_FILE = /\.onnx/;

/** What the speed of a model depends on, beside the number of threads. */
export interface SpeedFacts {
  readonly runtime: string;
  /** Folders of the graphs; empty ones are ignored. */
  readonly folders: readonly string[];
  /** The loaded model: its device, size, number type and parts. */
  readonly info: unknown;
}

/** A short name for these facts on this processor. Measurements under the same name hold. */
export async function speedKey({ runtime, folders, info }: SpeedFacts): Promise<string> {
  const files = await Promise.all(folders.filter(Boolean).map(graphFilesIn));
  return hashOf([FORM, VERSION, runtime, await processorName(), files, info]);
}

/** The graphs in a folder and its subfolders, each with its size and the time of its last change. */
async function graphFilesIn(folder: string): Promise<unknown[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name);
  const inner = await Promise.all(folders.map(async (name) => namesIn(await readdir(join(folder, name)), name)));
  const names = [...namesIn(entries.map(({ name }) => name)), ...inner.flat()].sort();
  return Promise.all(
    names.map(async (name) => {
      const { size, mtimeMs } = await stat(join(folder, name));
      return [name, size, mtimeMs];
    }),
  );
}

function namesIn(names: readonly string[], folder = ''): string[] {
  return names.filter((name) => GRAPH_FILE.test(name)).map((name) => join(folder, name));
}

/**
 * Measurements that later starts need not repeat, each in a small file beside the optimised graphs. A file that cannot be
 * read or written costs one more measurement and nothing else.
 */
export class Measurements {
  readonly #folder: () => string;
  readonly #key: string;

  /** @param key names the model and the machine, as `speedKey` does */
  constructor(optimisedDir: () => string, key: string) {
    this.#folder = () => join(optimisedDir(), 'measured');
    this.#key = key;
  }

  /**
   * Reads a measurement.
   *
   * @param what names it, with everything that it depends on beside the key
   */
  async read<T>(what: readonly unknown[], isValid: (value: unknown) => value is T): Promise<T | undefined> {
    try {
      const value: unknown = JSON.parse(await readFile(this.#fileOf(what), 'utf8'));
      return isValid(value) ? value : undefined;
    } catch {
      return undefined;
    }
  }

  async keep(what: readonly unknown[], value: unknown): Promise<void> {
    const file = this.#fileOf(what);
    // Renamed when it is complete: another process may read it at any time.
    const part = `${file}.${randomUUID()}`;
    try {
      await mkdir(this.#folder(), { recursive: true });
      await writeFile(part, JSON.stringify(value));
      await rename(part, file);
      await this.#removeOldest();
    } catch {
      await rm(part, { force: true }).catch(() => undefined);
    }
  }

  #fileOf(what: readonly unknown[]): string {
    return join(this.#folder(), `${hashOf([this.#key, what])}.json`);
  }

  async #removeOldest(): Promise<void> {
    const names = await readdir(this.#folder());
    if (names.length <= MOST_FILES) return;
    const files = await Promise.all(
      names.map(async (name) => {
        const path = join(this.#folder(), name);
        return { path, changedMs: (await stat(path)).mtimeMs };
      }),
    );
    files.sort((a, b) => b.changedMs - a.changedMs);
    for (const { path } of files.slice(MOST_FILES)) await rm(path, { force: true });
  }
}

function hashOf(facts: unknown): string {
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);
}
