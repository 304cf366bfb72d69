import type { CommandContext } from '../../server/src/cli/command.js';

/** A process for a command in which nothing happens. */
export function commandContext(changes: Partial<CommandContext> = {}): CommandContext {
  return {
    env: {},
    print: () => undefined,
    warn: () => undefined,
    stopped: new Promise<void>(() => {}),
    onHangup: () => undefined,
    endWithin: () => undefined,
    ...changes,
  };
}
