import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';

const LockSchema = v.object({
  repository: v.string(),
  /** As it was asked for. */
  revision: v.string(),
  commit: v.string(),
  variant: v.nullable(v.string()),
  files: v.record(v.string(), v.object({ size: v.number(), sha256: v.string() })),
});

/** The result of a pull: the commit, and every file with its digest. */
export type Lock = v.InferOutput<typeof LockSchema>;

export const LOCK_FILE = 'underpaint-lock.json';

export async function writeLock(dir: string, lock: Lock): Promise<void> {
  await writeFile(join(dir, LOCK_FILE), `${JSON.stringify(lock, null, 2)}\n`);
}

/** @returns undefined where there is none that can be read: then it is not a folder of ours */
export async function readLock(dir: string): Promise<Lock | undefined> {
  const text = await readFile(join(dir, LOCK_FILE), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const result = v.safeParse(LockSchema, JSON.parse(text));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}
