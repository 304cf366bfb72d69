import { listFiles, modelInfo } from '@huggingface/hub';
import * as v from 'valibot';
import { UsageError } from '../../errors.js';
import type { HubFetch } from './hub-fetch.js';

const Commit = v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/));
const Size = v.pipe(v.number(), v.integer(), v.minValue(0));
const EntrySchema = v.object({
  type: v.string(),
  path: v.string(),
  size: Size,
  oid: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/)),
  lfs: v.optional(v.object({ oid: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)), size: Size })),
});

/** A file of a repository at one commit. */
export interface HubFile {
  readonly path: string;
  readonly size: number;
  /** What its bytes must come to: sha256 for large files, git's sha1 of a blob for the others. */
  readonly digest: { readonly algorithm: 'sha256' | 'git-sha1'; readonly hex: string };
}

/**
 * The Hugging Face hub: names and lists through its own client, bytes by range requests, which that client has no
 * resuming for.
 */
export class Hub {
  readonly #endpoint: string;
  readonly #repository: string;
  readonly #fetch: HubFetch;

  /** @param fetch throws for unsuccessful answers */
  constructor(endpoint: URL, repository: string, fetch: HubFetch) {
    this.#endpoint = endpoint.href.replace(/\/+$/, '');
    this.#repository = repository;
    this.#fetch = fetch;
  }

  /** The commit that a branch, a tag or the start of a commit's name stands for now. */
  async commitOf(revision: string): Promise<string> {
    const info = await this.#ask(() =>
      modelInfo({ ...this.#asked(), name: this.#repository, revision, additionalFields: ['sha'] }),
    );
    return this.#parse(Commit, info.sha);
  }

  /** Every file at that commit. */
  async files(commit: string): Promise<HubFile[]> {
    const repo = { type: 'model', name: this.#repository } as const;
    const files: v.InferOutput<typeof EntrySchema>[] = [];
    await this.#ask(async () => {
      for await (const entry of listFiles({ ...this.#asked(), repo, revision: commit, recursive: true })) {
        if (entry.type === 'file') files.push(this.#parse(EntrySchema, entry));
      }
    });
    return files.map(({ path, size, oid, lfs }) => ({
      path,
      size: lfs?.size ?? size,
      digest: lfs ? { algorithm: 'sha256', hex: lfs.oid } : { algorithm: 'git-sha1', hex: oid },
    }));
  }

  /** The bytes of a file from `from` on. A server that knows no ranges answers with status 200 and the whole file. */
  open(commit: string, path: string, from: number): Promise<Response> {
    const name = path.split('/').map(encodeURIComponent).join('/');
    return this.#fetch(`${this.#endpoint}/${this.#repository}/resolve/${commit}/${name}`, {
      // Bytes as they lie there: a packed answer has no ranges.
      headers: { 'accept-encoding': 'identity', ...(from > 0 && { range: `bytes=${from}-` }) },
    });
  }

  #asked() {
    return { hubUrl: this.#endpoint, fetch: this.#fetch as typeof fetch };
  }

  async #ask<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof SyntaxError) throw this.#notAHub(error);
      throw error;
    }
  }

  #parse<Schema extends v.GenericSchema>(schema: Schema, value: unknown): v.InferOutput<Schema> {
    const result = v.safeParse(schema, value);
    if (result.success) return result.output;
    throw this.#notAHub(result.issues[0]);
  }

  #notAHub(cause: { readonly message: string }): UsageError {
    return new UsageError(`${this.#endpoint} does not answer as the hub does: ${cause.message}`, { cause });
  }
}
