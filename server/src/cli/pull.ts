import { join, resolve } from 'node:path';
import { isHubName, modelsFolder } from '../config/models-folder.js';
import { parsed, text } from '../config/option.js';
import { MODEL_OPTIONS } from '../config/model-options.js';
import { UsageError } from '../errors.js';
import { defineCommand } from './command.js';
import { JSON_OPTION } from './common-options.js';
import { showProgress } from './progress.js';
import { createTransport } from './pull/proxied-fetch.js';
import { pullModel, type Pulled } from './pull/pull-model.js';
import type { PullRequest } from './pull/pulled-files.js';
import { formatBytes } from './pull/workplace.js';

const HUB = 'https://huggingface.co';

/** `underpaint pull`: downloads a model from the hub. */
export const pull = defineCommand({
  name: 'pull',
  argument: 'OWNER/NAME[@REVISION]',
  about: `Downloads a model from the Hugging Face hub: only the files that the server needs, each checked against the hub's
digest. Run the same command again to resume. Then: underpaint serve --model OWNER/NAME`,
  options: {
    variant: parsed<string | undefined>(
      {
        value: 'NAME',
        help: 'take the graphs of this name, as fp16, or several beside each other, as plain,int8',
        default: undefined,
      },
      parseVariant,
    ),
    to: text({
      value: 'DIR',
      help: 'folder for the model',
      default: undefined,
      defaultText: '~/.underpaint/models/OWNER/NAME, or OWNER/NAME in UNDERPAINT_MODELS',
    }),
    safetyChecker: { ...MODEL_OPTIONS.safetyChecker, help: 'leave the safety checker out' },
    ...JSON_OPTION,
  },
  notes: `HF_TOKEN is sent to the hub and nowhere else. HF_ENDPOINT sets another hub. HTTPS_PROXY, HTTP_PROXY and NO_PROXY
apply, in lower case too.`,
  async run({ variant, to, safetyChecker, json }, { env, print, stopped }, name) {
    const { repository, revision } = parseName(name);
    const stop = new AbortController();
    void stopped.then(() => stop.abort());
    const done = await withProgress(`pull ${repository}`, (onProgress) =>
      pullModel({
        repository,
        revision,
        variant,
        safetyChecker,
        target: resolve(to ?? join(modelsFolder(env), repository)),
        endpoint: readEndpoint(env['HF_ENDPOINT'] || HUB),
        token: env['HF_TOKEN']?.trim() || undefined,
        transport: createTransport(env),
        onProgress,
        signal: stop.signal,
      }),
    );
    print(json ? JSON.stringify(done) : describe(done));
    return 0;
  },
});

function describe({ dir, files, bytes, commit, downloadedBytes }: Pulled): string {
  const news = downloadedBytes > 0 ? `${formatBytes(downloadedBytes)} downloaded` : 'already up to date';
  return `${dir}: ${files} files, ${formatBytes(bytes)}, commit ${commit.slice(0, 12)}; ${news}`;
}

function parseVariant(text: string, source: string): string {
  if (/^[\w.-]+(,[\w.-]+)*$/.test(text)) return text;
  throw new UsageError(`${source} must be a word such as fp16, or several as in plain,int8, not "${text}"`);
}

function parseName(text: string): { repository: string; revision: string | undefined } {
  const [repository = '', ...rest] = text.split('@');
  const revision = rest.length > 0 ? rest.join('@') : undefined;
  if (!isHubName(repository)) throw new UsageError(`the name of a model on the hub is OWNER/NAME, not "${repository}"`);
  if (revision === undefined || /^[\w][\w./-]*$/.test(revision)) return { repository, revision };
  throw new UsageError(`"${revision}" is not a revision: give a branch, a tag or a commit`);
}

function readEndpoint(text: string): URL {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return new URL(text.replace(/\/*$/, '/'));
  throw new UsageError(`HF_ENDPOINT must be an address such as ${HUB}, not "${text}"`);
}

async function withProgress<T>(title: string, work: (onProgress: PullRequest['onProgress']) => Promise<T>): Promise<T> {
  const progress = showProgress(title);
  try {
    return await work((bytes, of) => progress.update(bytes / of, `${formatBytes(bytes)} of ${formatBytes(of)}`));
  } finally {
    progress.stop();
  }
}
