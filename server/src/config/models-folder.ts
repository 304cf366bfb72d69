import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../errors.js';

const HUB_NAME = /^[\w][\w.-]{0,95}\/[\w][\w.-]{0,95}$/;

/** Whether `text` is a name on the hub: OWNER/NAME. */
export function isHubName(text: string): boolean {
  return HUB_NAME.test(text) && !text.includes('..');
}

/** The folder for pulled models: `UNDERPAINT_MODELS`, or else a folder in the home folder. */
export function modelsFolder(env: Readonly<NodeJS.ProcessEnv>): string {
  return env['UNDERPAINT_MODELS'] || join(homedir(), '.underpaint', 'models');
}

/**
 * Resolves `--model`: a folder as written, or OWNER/NAME of a pulled model.
 *
 * @throws UsageError when neither exists
 */
export function findModel(text: string, env: Readonly<NodeJS.ProcessEnv>): string {
  if (existsSync(text)) return text;
  if (!isHubName(text)) throw new UsageError(`there is no model folder at ${text}`);
  const pulled = join(modelsFolder(env), text);
  if (existsSync(pulled)) return pulled;
  throw new UsageError(`there is no model folder at ${text}; to download it from the hub: underpaint pull ${text}`);
}
