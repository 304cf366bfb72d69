import type { CommandContext } from '../../server/src/cli/command.js';

/** What a command sees of its process, of which nothing happens to it. */
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
