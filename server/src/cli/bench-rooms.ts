import { benchEditors } from './bench/room-editors.js';
import { benchViewers } from './bench/room-viewers.js';
import { Served } from './bench/served.js';
import type { Command } from './command.js';
import { readCount, readFlags } from './flags.js';
import { showProgress } from './progress.js';

const HELP = `Usage: underpaint bench rooms [options]

One room with many who draw, then one with many who watch, over real sockets and on a device that costs little.

  --editors N    who draw at once (default: 20)
  --viewers N    who watch (default: 200)
  --seconds N    how long each measurement (default: 5)
  --json         prints one JSON object and nothing else
  --help         this text`;

const OPTIONS = {
  editors: { type: 'string', default: '20' },
  viewers: { type: 'string', default: '200' },
  seconds: { type: 'string', default: '5' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const SERVE = ['--device', 'fake:5ms+1ms', '--refine-steps', '0', '--max-sessions', '2000'];

/** `underpaint bench rooms`: what it costs to share a canvas. */
export const benchRoomsCommand: Command = async (argv, { print }) => {
  const flags = readFlags('bench rooms', argv, OPTIONS);
  if (flags.help) {
    print(HELP);
    return 0;
  }
  const [editors, viewers] = [readCount('--editors', flags.editors, 2), readCount('--viewers', flags.viewers, 2)];
  const seconds = readCount('--seconds', flags.seconds, 1);
  const progress = showProgress('bench rooms');
  const served = await Served.start(SERVE);
  try {
    // Memory is measured before much of it was used and given back.
    const watched = await benchViewers({ served, viewers, seconds });
    progress.update(0.6);
    const drawn = await benchEditors({ url: served.socketUrl, editors, seconds });
    progress.stop();
    if (flags.json) print(JSON.stringify({ ...drawn, ...watched }));
    else {
      print(`${drawn.editors} draw at once, ${drawn.strokesPerSecond} strokes a second in all:`);
      print(`  on the other canvases after ${drawn.strokeP50Ms} ms (median), ${drawn.strokeP95Ms} ms (95 %)`);
      print(`  ${drawn.bytesPerStroke} bytes a stroke and member`);
      print(`  afterwards all drawings are ${drawn.areEqual ? 'equal' : 'NOT equal'}`);
      print(`  the last picture shows ${drawn.isLastComplete ? 'every stroke' : 'NOT every stroke'}`);
      print(`${watched.viewers} watch one who draws, ${watched.imagesPerSecond} pictures a second each:`);
      print(
        `  ${watched.runsPerImage} runs of the model a picture, ${watched.bytesPerViewer} bytes of memory a viewer`,
      );
      print(`  one who did not read for ${seconds} s gets ${watched.oldImages} old pictures`);
      print(`  the others then had ${watched.rateOfOthers} x their rate`);
    }
    return 0;
  } finally {
    progress.stop();
    await served.stop();
  }
};
