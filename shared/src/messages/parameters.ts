import type { CheckedKind, Definitions } from './definition.js';

export const FROM_CLIENT = {
  /** Changes some parameters. Answered by exactly one `params`, or by an `error`; then nothing has changed. */
  params: {
    fields: { params: 'patch' },
  },
} as const satisfies Definitions<CheckedKind>;

export const FROM_SERVER = {
  /** The parameters in force, within `ranges`. Later images carry this `version` or a higher one. */
  params: {
    fields: { version: 'uint32', params: 'params' },
    optional: {
      /** In a room: the member that changed them. That member takes it as the answer to its patch. */
      member: 'uint32',
    },
  },
} as const satisfies Definitions;
