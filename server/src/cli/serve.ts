import { createConfig, type Config } from '../config/config.js';
import { SERVE_OPTIONS } from '../config/serve-options.js';
import { createLogger, type Logger } from '../logger.js';
import { startParts } from '../parts.js';
import type { UnderpaintServer } from '../server.js';
import { defineCommand } from './command.js';

/** Share of the time for a stop after which the process is ended, whatever still hangs. The server has given up by then. */
const LAST_RESORT = 0.9;

/** `underpaint serve`: runs the server until a stop signal. */
export const serve = defineCommand({
  name: 'serve',
  about: 'Serves the page and the WebSocket endpoint.',
  options: SERVE_OPTIONS,
  readsEnv: true,
  async run(values, { env, print, stopped, onHangup, endWithin }) {
    const config = createConfig(values, env);
    const log = createLogger(config.logLevel);
    let reload = () => log.info('nothing to reload: the server is still starting');
    onHangup(() => reload());
    const server = await Promise.race([startServer(config, log), stopped.then(() => undefined)]);
    if (!server) {
      // There are no clients yet, and loading a model cannot be interrupted.
      endWithin(0, 'stopped before it was ready');
      return 0;
    }
    reload = () => server.reload();
    print(`underpaint is ready: ${addressOf(config, server.port)}`);
    if (isOpenToAll(config))
      print('everybody who can reach it may use it; to ask for tokens, add --auth-secret-file FILE');
    if (config.allowedHosts.length === 0) print('to reach it by a name, as behind a proxy, add --allowed-hosts NAME');
    log.info(server.info(), 'ready');
    await stopped;
    const { drainSeconds } = config;
    endWithin(1_000 * LAST_RESORT * drainSeconds, `something did not end within --drain-seconds ${drainSeconds}`);
    return (await server.stop()) ? 0 : 1;
  },
});

/** The code of the server is loaded while the workers load the model. */
async function startServer(config: Config, log: Logger): Promise<UnderpaintServer> {
  const [parts, { UnderpaintServer }] = await Promise.all([startParts(config, log), import('../server.js')]);
  return UnderpaintServer.start(config, log, parts);
}

/** Whether people elsewhere can use the server without a token. */
function isOpenToAll({ host, authSecretFile, authJwks }: Config): boolean {
  const isHere = /^(127\.|::1$|localhost$)/i.test(host);
  return !isHere && authSecretFile === '' && authJwks === '';
}

function addressOf({ host, basePath, tlsCert }: Config, port: number): string {
  const scheme = tlsCert === '' ? 'http' : 'https';
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}${basePath}`;
}
