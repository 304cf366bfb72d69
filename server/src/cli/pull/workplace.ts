import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, rmdir, statfs } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { UsageError } from '../../errors.js';
import { LOCK_FILE, readLock } from './lock-file.js';

const PID_FILE = '.pid';
/** Space left free for other programs. */
const SPARE_BYTES = 64 * 1024 * 1024;

/**
 * The folder in which a model is put together, beside the one that it will be. It stays when a pull breaks off, so that
 * the next one goes on from there, and takes the model's name only when it is whole.
 */
export class Workplace {
  readonly dir: string;
  readonly target: string;

  private constructor(dir: string, target: string) {
    this.dir = dir;
    this.target = target;
  }

  /** @throws UsageError when the place is taken by something else, or by another pull */
  static async open(target: string): Promise<Workplace> {
    const beside = (suffix: string) => join(dirname(target), `.${basename(target)}.${suffix}`);
    const workplace = new Workplace(beside('pull'), target);
    await mkdir(workplace.dir, { recursive: true }).catch((cause: Error) => {
      throw new UsageError(`${workplace.dir} cannot be made: ${cause.message}`, { cause });
    });
    await takePid(join(workplace.dir, PID_FILE), target);
    try {
      // A pull that was killed between its last two steps left the old model beside.
      if (!existsSync(target) && existsSync(beside('old'))) await rename(beside('old'), target);
      await requireOurs(target);
    } catch (error) {
      await workplace.close();
      throw error;
    }
    return workplace;
  }

  /** @throws UsageError when the disk has no room for so many bytes more */
  async requireRoom(bytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.dir);
    const free = bavail * bsize;
    if (bytes > 0 && free < bytes + SPARE_BYTES) {
      throw new UsageError(
        `${formatBytes(bytes)} are to come, ${dirname(this.target)} has room for ${formatBytes(free)}: make room, or choose another disk with --to`,
      );
    }
  }

  /** Makes this the model, in the place of the one that is there. */
  async publish(files: ReadonlySet<string>): Promise<void> {
    await this.#keepOnly(new Set([...files, LOCK_FILE]));
    const old = join(dirname(this.target), `.${basename(this.target)}.old`);
    await rm(old, { recursive: true, force: true });
    if (existsSync(this.target)) await rename(this.target, old);
    await rename(this.dir, this.target);
    await rm(old, { recursive: true, force: true });
  }

  /** Unlocks the folder for the next pull. Downloaded files stay. */
  async close(): Promise<void> {
    await rm(join(this.dir, PID_FILE), { force: true });
  }

  /** Throws away what was brought. */
  async discard(): Promise<void> {
    await rm(this.dir, { recursive: true, force: true });
  }

  async #keepOnly(files: ReadonlySet<string>): Promise<void> {
    const entries = await readdir(this.dir, { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((found) => !found.isDirectory())) {
      const path = join(entry.parentPath, entry.name);
      if (!files.has(relative(this.dir, path).replaceAll('\\', '/'))) await rm(path);
    }
  }
}

/** A folder that holds something which no pull put there is never replaced. */
async function requireOurs(target: string): Promise<void> {
  const entries = await readdir(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new UsageError(`${target} cannot take the model: ${error.message}`, { cause: error });
  });
  if (entries === undefined) return;
  if (entries.length === 0) await rmdir(target);
  else if (!(await readLock(target))) {
    throw new UsageError(`${target} is there and was not pulled: name another folder with --to`);
  }
}

async function takePid(path: string, target: string): Promise<void> {
  const other = Number(await readFile(path, 'utf8').catch(() => 'none'));
  if (isAlive(other))
    throw new UsageError(
      `another pull to ${target} is under way (process ${other}); if that is another program, delete ${path}`,
    );
  await rm(path, { force: true });
  const file = await open(path, 'wx').catch(() => undefined);
  if (!file) throw new UsageError(`another pull to ${target} has just begun`);
  await file.writeFile(String(process.pid));
  await file.close();
}

function isAlive(pid: number): boolean {
  if (!(pid > 0) || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

export function formatBytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
