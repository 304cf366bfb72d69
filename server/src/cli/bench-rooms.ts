import { whole } from '../config/option.js';
import { benchEditors, type EditorsResult } from './bench/room-editors.js';
import { benchViewers, type ViewersResult } from './bench/room-viewers.js';
import { Served } from './bench/served.js';
import { defineCommand } from './command.js';
import { JSON_OPTION } from './common-options.js';
import { showProgress } from './progress.js';

const SERVE = ['--device', 'fake:5ms+1ms', '--refine-steps', '0', '--max-sessions', '2000'];

/** `underpaint bench rooms`: the cost of sharing a canvas. */
export const benchRoomsCommand = defineCommand({
  name: 'bench rooms',
  about:
    'Measures one room with many editors, then one with many viewers, over real sockets and on a cheap fake device.',
  options: {
    editors: whole({ help: 'members who draw at once', min: 2, max: 1_000, default: 20 }),
    viewers: whole({ help: 'members who watch', min: 2, max: 1_000, default: 200 }),
    seconds: whole({ help: 'length of each measurement', min: 1, max: 1_000, default: 5 }),
    ...JSON_OPTION,
  },
  async run({ editors, viewers, seconds, json }, { print }) {
    const progress = showProgress('bench rooms');
    const served = await Served.start(SERVE);
    try {
      // Viewers first: memory can be measured only before much of it has been used and freed.
      const watched = await benchViewers({ served, viewers, seconds });
      progress.update(0.6);
      const drawn = await benchEditors({ url: served.socketUrl, editors, seconds });
      progress.stop();
      const lines = json
        ? [JSON.stringify({ ...drawn, ...watched })]
        : [...describe(drawn), ...describeViewers(watched, seconds)];
      for (const line of lines) print(line);
      return 0;
    } finally {
      progress.stop();
      await served.stop();
    }
  },
});

function describe(drawn: EditorsResult): string[] {
  return [
    `${drawn.editors} draw at once, ${drawn.strokesPerSecond} strokes a second in all:`,
    `  on the other canvases after ${drawn.strokeP50Ms} ms (median), ${drawn.strokeP95Ms} ms (95 %)`,
    `  ${drawn.bytesPerStroke} bytes a stroke and member`,
    `  afterwards all drawings are ${drawn.areEqual ? 'equal' : 'NOT equal'}`,
    `  the last picture shows ${drawn.isLastComplete ? 'every stroke' : 'NOT every stroke'}`,
  ];
}

function describeViewers(watched: ViewersResult, seconds: number): string[] {
  return [
    `${watched.viewers} watch one editor, ${watched.imagesPerSecond} pictures a second each:`,
    `  ${watched.runsPerImage} model runs a picture, ${watched.bytesPerViewer} bytes of memory a viewer`,
    `  a member that did not read for ${seconds} s gets ${watched.oldImages} old pictures`,
    `  meanwhile the others had ${watched.rateOfOthers} x their rate`,
  ];
}
