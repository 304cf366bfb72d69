import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError } from '../../errors.js';
import type { HubFile } from './hub.js';

export interface Download {
  readonly file: HubFile;
  /** Where it goes. Until it is whole and right it is called `<path>.part`. */
  readonly path: string;
  /** Its bytes from an offset on; status 200 means from the start all the same. */
  readonly open: (from: number) => Promise<Response>;
  /** Told each time with the bytes of this file that are there. */
  readonly onProgress: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** The pull gives up after so many transfers in a row without a single byte. */
const MAX_FRUITLESS = 3;
/** A transfer without bytes for this long counts as broken. */
const STALL_MS = 60_000;

/**
 * Brings one file, going on where an earlier transfer ended.
 *
 * @returns its sha256
 * @throws UsageError when its bytes are not those that the hub lists, or do not come
 */
export async function download(job: Download): Promise<string> {
  await mkdir(dirname(job.path), { recursive: true });
  const part = `${job.path}.part`;
  const wasThere = await sizeOf(part);
  try {
    return await finish(job, part);
  } catch (error) {
    // What an earlier run left may be of another commit: then the whole comes again, once.
    if (!(error instanceof WrongBytesError) || wasThere === 0) throw error;
    return finish(job, part);
  }
}

/** The file's sha256 when it is there and its bytes are right. */
export async function verify(path: string, file: HubFile): Promise<string | undefined> {
  if ((await sizeOf(path)) !== file.size) return undefined;
  const digests = new Digests(file);
  for await (const chunk of createReadStream(path)) digests.update(chunk as Buffer);
  return digests.sha256IfRight();
}

class WrongBytesError extends UsageError {}

async function finish({ file, path, open, onProgress, signal }: Download, part: string): Promise<string> {
  let digests = await resumed(part, file);
  for (let fruitless = 0; digests.bytes < file.size;) {
    const before = digests.bytes;
    const response = await open(before);
    if (!startsAt(response, before)) digests = new Digests(file);
    await append(response, { part, digests, onProgress, signal });
    fruitless = digests.bytes > before ? 0 : fruitless + 1;
    if (fruitless === MAX_FRUITLESS) throw new UsageError(`${file.path} breaks off at byte ${before}: try again later`);
  }
  if (file.size === 0) await (await openPart(part, 'w')).close();
  const sha256 = digests.sha256IfRight();
  if (sha256 === undefined) {
    await rm(part);
    throw new WrongBytesError(`the bytes of ${file.path} are not those that the hub lists: nothing of it was kept`);
  }
  await rename(part, path);
  return sha256;
}

/** The digests of the part that an earlier pull has downloaded. */
async function resumed(part: string, file: HubFile): Promise<Digests> {
  const digests = new Digests(file);
  const size = await sizeOf(part);
  if (size === 0 || size > file.size) return digests;
  for await (const chunk of createReadStream(part)) digests.update(chunk as Buffer);
  return digests;
}

function startsAt(response: Response, from: number): boolean {
  if (response.status !== 206) return from === 0;
  return Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1]) === from;
}

interface Appending {
  readonly part: string;
  readonly digests: Digests;
  readonly onProgress: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** Writes the body until it ends or breaks. The bytes received are kept either way. */
async function append(response: Response, { part, digests, onProgress, signal }: Appending): Promise<void> {
  const output = await openPart(part, digests.bytes === 0 ? 'w' : 'a');
  const reader = response.body?.getReader();
  try {
    while (reader && !digests.isFull) {
      const next = await orStall(reader.read());
      if (next === undefined || next.done) return;
      const chunk = next.value.subarray(0, digests.missing);
      await output.writeFile(chunk);
      digests.update(chunk);
      onProgress(digests.bytes);
      signal.throwIfAborted();
    }
  } finally {
    void reader?.cancel().catch(() => undefined);
    await output.close();
  }
}

/** The result of `reading`, or undefined if the transfer broke or stalled. */
async function orStall<T>(reading: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const stall = new Promise<undefined>((resolve) => (timer = setTimeout(resolve, STALL_MS, undefined)));
  const broken = reading.catch(() => undefined);
  return Promise.race([broken, stall]).finally(() => clearTimeout(timer));
}

function openPart(part: string, flags: 'w' | 'a') {
  return open(part, flags);
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** The running digests of a file's bytes: sha256 for the lock file, and the hub's own kind where that is another. */
class Digests {
  bytes = 0;
  readonly #file: HubFile;
  readonly #sha256 = createHash('sha256');
  readonly #gitSha1: Hash | undefined;

  constructor(file: HubFile) {
    this.#file = file;
    // Git's name of a blob is the sha1 of this line and the bytes.
    if (file.digest.algorithm === 'git-sha1') this.#gitSha1 = createHash('sha1').update(`blob ${file.size}\0`);
  }

  get missing(): number {
    return this.#file.size - this.bytes;
  }

  get isFull(): boolean {
    return this.missing <= 0;
  }

  update(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    this.#sha256.update(chunk);
    this.#gitSha1?.update(chunk);
  }

  /** Ends the digests. */
  sha256IfRight(): string | undefined {
    const sha256 = this.#sha256.digest('hex');
    const got = this.#gitSha1 ? this.#gitSha1.digest('hex') : sha256;
    return this.bytes === this.#file.size && got === this.#file.digest.hex ? sha256 : undefined;
  }
}
