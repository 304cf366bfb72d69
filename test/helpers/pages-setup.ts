import { chromium } from 'playwright';
import type { TestProject } from 'vitest/node';
import { chromiumLaunchOptions } from '../../client/scripts/chromium.js';
import { QUICK, serve } from './serve.js';

/** More than the tests of a run create. */
const ROOMS = ['--max-rooms-per-hour', '1000'] as const;

/**
 * Starts what all end-to-end tests of a run share: a server with the embedded model, and Chromium. Firefox gives a
 * connected client no pages, so in it each file starts its own.
 *
 * @returns what ends both
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const isFirefox = project.config.env?.['UNDERPAINT_BROWSER'] === 'firefox';
  const [server, browser] = await Promise.all([
    serve(0, ...QUICK, ...ROOMS),
    isFirefox ? null : chromium.launchServer(chromiumLaunchOptions()),
  ]);
  project.provide('page', server.url);
  project.provide('chromium', browser?.wsEndpoint() ?? null);
  return async () => {
    await browser?.close();
    await server.stop();
  };
}
