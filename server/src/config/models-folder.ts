import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../errors.js';

type Env = Readonly<Record<string, string | undefined>>;

const HUB_NAME = /^[\w][\w.-]{0,95}\/[\w][\w.-]{0,95}$/;

/** Whether `text` is OWNER/NAME, as models are called on the hub. */
export function isHubName(text: string): boolean {
  return HUB_NAME.test(text) && !text.includes('..');
}

/** Where `underpaint pull` puts models: `UNDERPAINT_MODELS`, else a folder in the home folder. */
export function modelsFolder(env: Env): string {
  return env['UNDERPAINT_MODELS'] || join(homedir(), '.underpaint', 'models');
}

/**
 * The folder that `--model` means: a folder as written, or OWNER/NAME of a model that was pulled.
 *
 * @throws UsageError when there is neither
 */
export function findModel(text: string, env: Env): string {
  if (existsSync(text)) return text;
  if (!isHubName(text)) throw new UsageError(`there is no model folder at ${text}`);
  const pulled = join(modelsFolder(env), text);
  if (existsSync(pulled)) return pulled;
  throw new UsageError(`there is no model folder at ${text}; if it is a name on the hub: underpaint pull ${text}`);
}
