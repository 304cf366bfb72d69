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
  const { host } = config;
  const shown = host.includes(':') ? `[${host}]` : host;
  print(`underpaint is ready: http://${shown}:${server.port}/`);
  log.info(server.info(), 'ready');
  await stopped;
  await server.stop();
  return 0;
};
