import { existsSync } from 'node:fs';
import { chromium, type LaunchOptions } from 'playwright';

/** A camera that shows a moving pattern and asks nobody. */
const FAKE_CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

/**
 * How tests and scripts start Chromium: the one named by UNDERPAINT_CHROMIUM, else a system one, else playwright's own.
 *
 * @throws when there is none, saying how to get one: tests that need a browser must not pass without it
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
  // Chromium's sandbox does not start for root, as in most containers.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return { executablePath, args: [...sandbox, ...FAKE_CAMERA] };
}
