import type { Command } from './command.js';
import { readCount, readFlags } from './flags.js';
import { benchGateway } from './bench/gateway-bench.js';
import { showProgress } from './progress.js';

const HELP = `Usage: underpaint bench gateway [options]

The server without a model against a server that only echoes, over real sockets.

  --sessions N   clients at once (default: 1000)
  --seconds N    how long each measurement (default: 4)
  --json         prints one JSON array and nothing else
  --help         this text`;

const OPTIONS = {
  sessions: { type: 'string', default: '1000' },
  seconds: { type: 'string', default: '4' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** `underpaint bench gateway`: what everything around the model costs. */
export const benchGatewayCommand: Command = async (argv, { print }) => {
  const flags = readFlags('bench gateway', argv, OPTIONS);
  if (flags.help) {
    print(HELP);
    return 0;
  }
  const sessions = readCount('--sessions', flags.sessions, 1);
  const seconds = readCount('--seconds', flags.seconds, 1);
  const progress = showProgress('bench gateway');
  try {
    const rows = await benchGateway({ sessions, seconds, onProgress: progress.update });
    progress.stop();
    if (flags.json) print(JSON.stringify(rows));
    for (const row of flags.json ? [] : rows) {
      print(`${row.sessions} sessions, messages of ${row.bytes} bytes:`);
      print(`  ${row.messagesPerSecond} messages a second, ${row.echoRatio} x a server that only echoes`);
      print(`  ${row.sessionsPerSecond} new sessions a second, ${row.bytesPerSession} bytes of memory a session`);
      print(`  ${row.loopP99Ms} ms late at half that load (99 % of the event loop)`);
    }
    return 0;
  } finally {
    progress.stop();
  }
};
