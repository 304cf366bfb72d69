import { readConfig, SERVE_HELP } from '../config.js';
import { createLogger } from '../logger.js';
import { UnderpaintServer } from '../server.js';
import type { Command } from './command.js';

/** `underpaint serve`: runs until it is told to stop. */
export const serve: Command = async (argv, { env, print, stopped }) => {
  const config = readConfig(argv, env);
  if (!config) {
    print(SERVE_HELP);
    return 0;
  }
  const log = createLogger(config.logLevel);
  const server = await UnderpaintServer.start(config, log);
  const { host, basePath, tlsCert } = config;
  const scheme = tlsCert === '' ? 'http' : 'https';
  print(`underpaint is ready: ${scheme}://${host.includes(':') ? `[${host}]` : host}:${server.port}${basePath}`);
  if (config.allowedHosts.length === 0) print('to reach it by a name, as behind a proxy, add --allowed-hosts NAME');
  log.info(server.info(), 'ready');
  await stopped;
  await server.stop();
  return 0;
};
