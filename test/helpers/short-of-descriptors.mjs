/*
 * A server whose worker dies while no descriptor is left for the pipes of the next one. It must keep running, and start a
 * worker as soon as it can. Prints the result as JSON. Run it with a low limit of descriptors (ulimit -n).
 */
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { DEFAULTS } from '../../server/dist/config/config.js';
import { startParts } from '../../server/dist/parts.js';
import { UnderpaintServer } from '../../server/dist/server.js';

const log = pino({ level: 'silent' });
const settings = { ...DEFAULTS, port: 0, workers: 1, maxRows: 1, refineSteps: 0 };

const start = async () => UnderpaintServer.start(settings, log, await startParts(settings, log));

/** Opens files until no descriptor is left, and returns a function that closes them. */
function takeAll() {
  const taken = [];
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch {
    return () => taken.forEach((one) => closeSync(one));
  }
}

const server = await start();
const [{ pid }] = server.info().workers;
const giveBack = takeAll();
process.kill(pid, 'SIGKILL');
await sleep(1_500);
const wasReady = server.isReady;
giveBack();
const startedMs = performance.now();
while (!server.isReady && performance.now() - startedMs < 30_000) await sleep(20);
const isReady = server.isReady;
await server.stop();

const giveBackAgain = takeAll();
const refusal = await start().catch((error) => `${error.name}: ${error.message}`);
giveBackAgain();
console.log(JSON.stringify({ wasReady, isReady, refusal }));
