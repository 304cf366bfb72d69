import type { CommandContext } from '../../server/src/cli/command.js';

/** A context for commands in tests: it prints nothing, and no signal arrives. */
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
