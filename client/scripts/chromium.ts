import { existsSync } from 'node:fs';
import { chromium, type LaunchOptions } from 'playwright';

/** A fake camera that shows a moving pattern without asking for permission. */
const FAKE_CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

/**
 * Options that start Chromium: the one in UNDERPAINT_CHROMIUM, else a system one, else playwright's own.
 *
 * @throws Error if there is no Chromium, because browser tests must not pass without one
 */
export function chromiumLaunchOptions(): LaunchOptions {
  const candidates = [
    process.env['UNDERPAINT_CHROMIUM'],
    '/usr/bin/chromium',
    '/usr/bin/google-chrome',
    chromium.executablePath(),
  ];
  const executablePath = candidates.find((path) => path !== undefined && existsSync(path));
  if (executablePath === undefined) {
    throw new Error(
      'no Chromium found: install one (`npx playwright install chromium`) or set UNDERPAINT_CHROMIUM to its path',
    );
  }
  // Chromium's sandbox does not start for root, the user of most containers.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return { executablePath, args: [...sandbox, ...FAKE_CAMERA] };
}
