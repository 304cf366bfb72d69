import { readFile } from 'node:fs/promises';
import { ModelError } from '../errors.js';

/**
 * Reads a file of a model folder; undefined if there is none.
 *
 * @throws ModelError if it is there and cannot be read: it must not count as missing, because defaults would stand in for it
 */
export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    return failToRead(path)(error);
  }
}

/** What to do with an error of the file system while reading `path`. */
export function failToRead(path: string): (error: unknown) => never {
  return (error) => {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EISDIR' ? 'it is a folder' : message;
    throw new ModelError(`${path} cannot be read: ${why}`, { cause: error });
  };
}
