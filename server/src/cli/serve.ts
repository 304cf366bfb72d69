import { readConfig, SERVE_HELP } from '../config/config.js';
import { createLogger } from '../logger.js';
import { UnderpaintServer } from '../server.js';
import type { Command } from './command.js';

/** Share of the time for a stop after which the process is ended, whatever still hangs: the server has given up by then. */
const LAST_RESORT = 0.9;

/** `underpaint serve`: runs until it is told to stop. */
export const serve: Command = async (argv, { env, print, stopped, onHangup, endWithin }) => {
  const config = readConfig(argv, env);
  if (!config) {
    print(SERVE_HELP);
    return 0;
  }
  const log = createLogger(config.logLevel);
  let reload = () => log.info('nothing to read again: the server still starts');
  onHangup(() => reload());
  const server = await Promise.race([UnderpaintServer.start(config, log), stopped.then(() => undefined)]);
  if (!server) {
    // Nobody is served yet, and a model that loads cannot be told to stop.
    endWithin(0, 'stopped before it was ready');
    return 0;
  }
  reload = () => server.reload();
  const { host, basePath, tlsCert } = config;
  const scheme = tlsCert === '' ? 'http' : 'https';
  print(`underpaint is ready: ${scheme}://${host.includes(':') ? `[${host}]` : host}:${server.port}${basePath}`);
  if (config.allowedHosts.length === 0) print('to reach it by a name, as behind a proxy, add --allowed-hosts NAME');
  log.info(server.info(), 'ready');
  await stopped;
  const { drainSeconds } = config;
  endWithin(1_000 * LAST_RESORT * drainSeconds, `something did not end within --drain-seconds ${drainSeconds}`);
  return (await server.stop()) ? 0 : 1;
};
