import { benchClusterCommand } from './bench-cluster.js';
import { benchFrameCommand } from './bench-frame.js';
import { benchGatewayCommand } from './bench-gateway.js';
import { benchRoomsCommand } from './bench-rooms.js';
import { benchSessionsCommand } from './bench-sessions.js';
import type { Command, Run } from './command.js';

/** Kinds of benchmark beside that of one frame. */
export const BENCH_KINDS: Readonly<Record<string, Command>> = {
  sessions: benchSessionsCommand,
  gateway: benchGatewayCommand,
  rooms: benchRoomsCommand,
  cluster: benchClusterCommand,
};

/** `underpaint bench`: one frame, or what the first word names. */
export const bench: Run = (argv, context) => {
  const kind = BENCH_KINDS[argv[0] ?? ''];
  return kind ? kind(argv.slice(1), context) : benchFrameCommand(argv, context);
};
