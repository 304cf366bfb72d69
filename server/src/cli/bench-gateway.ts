import { whole } from '../config/option.js';
import { benchGateway, type GatewayBenchRow } from './bench/gateway-bench.js';
import { defineCommand } from './command.js';
import { JSON_OPTION } from './common-options.js';
import { showProgress } from './progress.js';

/** `underpaint bench gateway`: the cost of everything around the model. */
export const benchGatewayCommand = defineCommand({
  name: 'bench gateway',
  about: 'Compares the server without a model with a server that only echoes, over real sockets.',
  options: {
    sessions: whole({ help: 'clients at once', min: 1, max: 1_000, default: 1_000 }),
    seconds: whole({ help: 'length of each measurement', min: 1, max: 1_000, default: 4 }),
    ...JSON_OPTION,
  },
  async run({ sessions, seconds, json }, { print }) {
    const progress = showProgress('bench gateway');
    try {
      const rows = await benchGateway({ sessions, seconds, onProgress: progress.update });
      progress.stop();
      const lines = json ? [JSON.stringify(rows)] : rows.flatMap(describe);
      for (const line of lines) print(line);
      return 0;
    } finally {
      progress.stop();
    }
  },
});

function describe(row: GatewayBenchRow): string[] {
  return [
    `${row.sessions} sessions, messages of ${row.bytes} bytes:`,
    `  ${row.messagesPerSecond} messages a second, ${row.echoRatio} x a server that only echoes`,
    `  ${row.sessionsPerSecond} new sessions a second, ${row.bytesPerSession} bytes of memory a session`,
    `  ${row.loopP99Ms} ms event loop delay (99th percentile) at half that load`,
  ];
}
