import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { firefox, type Browser } from 'playwright';

const BRIDGE = fileURLToPath(new URL('./firefox-bridge.mjs', import.meta.url));
/** A virtual camera, without asking for permission; sockets to this computer at once after a failure. */
const PREFERENCES = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'network.websocket.delay-failed-reconnects': false,
};

/**
 * Starts Firefox itself, driven by WebDriver BiDi: the one in UNDERPAINT_FIREFOX, else a system one. Playwright's own
 * Firefox is another build.
 *
 * @throws Error if there is no Firefox
 */
export function launchFirefox(): Promise<Browser> {
  const candidates = [process.env['UNDERPAINT_FIREFOX'], '/usr/bin/firefox-esr', '/usr/bin/firefox'];
  const found = candidates.find((path) => path !== undefined && existsSync(path));
  if (found === undefined) {
    throw new Error('NO FIREFOX FOUND: install one (Debian: firefox-esr) or set UNDERPAINT_FIREFOX to its path');
  }
  const env = { ...process.env, UNDERPAINT_FIREFOX: found };
  return firefox.launch({ channel: 'moz-firefox', executablePath: BRIDGE, firefoxUserPrefs: PREFERENCES, env });
}
