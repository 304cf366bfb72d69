import type { Logger } from '../logger.js';
import type { PromptCheck } from './prompt-check.js';
import { SiteCheck } from './site-check.js';
import { WordList } from './word-list.js';

/**
 * Opens the check that `--prompt-check` names: an address that is asked, or a file with a list of words.
 *
 * @returns undefined for the empty text: every prompt is allowed
 * @throws UsageError if the address is invalid or the file cannot be read
 */
export function openPromptCheck(text: string, log: Logger): PromptCheck | undefined {
  if (text === '') return undefined;
  return /^https?:/i.test(text) ? new SiteCheck(text, { log, now: Date.now }) : WordList.open(text, log);
}
