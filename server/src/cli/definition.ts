import type { Options } from '../config/option.js';

/** What a command is, for its help and the documentation. */
export interface CommandDefinition<O extends Options = Options> {
  /** As written after `underpaint`. */
  readonly name: string;
  /** The placeholder of its one argument, for a command that has one. */
  readonly argument?: string;
  /** Its purpose, for the help text. */
  readonly about: string;
  /** Further lines below the options. */
  readonly notes?: string;
  readonly options: O;
  /** Whether each option is an environment variable too. */
  readonly readsEnv?: boolean;
}
