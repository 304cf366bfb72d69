import { join, resolve } from 'node:path';
import { UsageError } from '../errors.js';
import { isHubName, modelsFolder } from '../config/models-folder.js';
import type { Command } from './command.js';
import { readFlags } from './flags.js';
import { showProgress } from './progress.js';
import { createTransport } from './pull/proxied-fetch.js';
import { pullModel, type PullRequest } from './pull/pull-model.js';
import { formatBytes } from './pull/workplace.js';

const HELP = `Usage: underpaint pull OWNER/NAME[@REVISION] [options]

Brings a model from the Hugging Face hub: the files that a served folder needs and no others, each checked against the
hub's digest. What broke off is gone on with by the same command. Then: underpaint serve --model OWNER/NAME

  --variant NAME        graphs named so, for example fp16
  --to DIR              the folder that it becomes (default: ~/.underpaint/models/OWNER/NAME, or in UNDERPAINT_MODELS)
  --no-safety-checker   leave the safety checker out
  --json                prints one JSON object and nothing else
  --help                this text

HF_TOKEN is sent to the hub, and to nobody else; HF_ENDPOINT names another hub. HTTPS_PROXY, HTTP_PROXY and NO_PROXY are
honoured, in lower case too.`;

const OPTIONS = {
  variant: { type: 'string' },
  to: { type: 'string' },
  'no-safety-checker': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const HUB = 'https://huggingface.co';

/** `underpaint pull`: a model from the hub. */
export const pull: Command = async (argv, { env, print, stopped }) => {
  const name = argv[0]?.startsWith('-') ? undefined : argv[0];
  const flags = readFlags('pull', argv.slice(name === undefined ? 0 : 1), OPTIONS);
  if (flags.help) {
    print(HELP);
    return 0;
  }
  if (name === undefined) throw new UsageError('name the model: underpaint pull OWNER/NAME');
  const { repository, revision } = parseName(name);
  if (flags.variant !== undefined && !/^[\w.-]+$/.test(flags.variant)) {
    throw new UsageError(`--variant must be a word such as fp16, not "${flags.variant}"`);
  }
  const stop = new AbortController();
  void stopped.then(() => stop.abort());
  const done = await withProgress(`pull ${repository}`, (onProgress) =>
    pullModel({
      repository,
      revision,
      variant: flags.variant,
      safetyChecker: !flags['no-safety-checker'],
      target: resolve(flags.to ?? join(modelsFolder(env), repository)),
      endpoint: readEndpoint(env['HF_ENDPOINT'] || HUB),
      token: env['HF_TOKEN']?.trim() || undefined,
      transport: createTransport(env),
      onProgress,
      signal: stop.signal,
    }),
  );
  if (flags.json) print(JSON.stringify(done));
  else {
    const came = done.downloadedBytes > 0 ? `${formatBytes(done.downloadedBytes)} came now` : 'nothing new had to come';
    print(`${done.dir}: ${done.files} files, ${formatBytes(done.bytes)}, commit ${done.commit.slice(0, 12)}; ${came}`);
  }
  return 0;
};

function parseName(text: string): { repository: string; revision: string | undefined } {
  const [repository = '', ...rest] = text.split('@');
  const revision = rest.length > 0 ? rest.join('@') : undefined;
  if (!isHubName(repository)) throw new UsageError(`a model on the hub is called OWNER/NAME, not "${repository}"`);
  if (revision === undefined || /^[\w][\w./-]*$/.test(revision)) return { repository, revision };
  throw new UsageError(`"${revision}" is no revision: give a branch, a tag or a commit`);
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
