import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumLaunchOptions } from './scripts/chromium.js';
import { alias } from './vite.config.js';

const { args = [], ...launchOptions } = chromiumLaunchOptions();

export default defineConfig({
  resolve: { alias },
  optimizeDeps: {
    include: [
      'lit',
      'lit/decorators.js',
      'lit/directives/repeat.js',
      'perfect-freehand',
      'axe-core',
      'yjs',
      'y-protocols/awareness',
      'lib0/decoding',
      'lib0/encoding',
      'qr',
      'fast-check',
    ],
  },
  test: {
    name: 'browser',
    include: ['src/**/*.test.ts'],
    setupFiles: ['./vitest.setup.ts'],
    // Alone: a page that paints needs both cores.
    sequence: { groupOrder: 3 },
    // As in the other tests against a clock.
    retry: process.env['CI'] ? 2 : 0,
    browser: {
      enabled: true,
      // One of the files measures times.
      fileParallelism: false,
      headless: true,
      screenshotFailures: false,
      viewport: { width: 1200, height: 860 },
      // Tests of leaks collect the garbage themselves.
      provider: playwright({ launchOptions: { ...launchOptions, args: [...args, '--js-flags=--expose-gc'] } }),
      instances: [{ browser: 'chromium' }],
    },
  },
});
