import type { Options } from '../config/option.js';

/** The description of a command, for its help and docs/OPTIONS.md. */
export interface CommandDefinition<O extends Options = Options> {
  /** As written after `underpaint`. */
  readonly name: string;
  /** The placeholder of its one argument, for a command that has one. */
  readonly argument?: string;
  /** One or two sentences for the top of the help. */
  readonly about: string;
  /** Further lines below the options. */
  readonly notes?: string;
  readonly options: O;
  /** Whether each option is an environment variable too. */
  readonly readsEnv?: boolean;
}
