import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumLaunchOptions } from './scripts/chromium.js';
import { alias } from './vite.config.js';

export default defineConfig({
  resolve: { alias },
  optimizeDeps: {
    include: [
      'lit',
      'lit/decorators.js',
      'msgpackr',
      'perfect-freehand',
      'axe-core',
      'yjs',
      'y-protocols/awareness',
      'lib0/decoding',
      'lib0/encoding',
    ],
  },
  test: {
    name: 'browser',
    include: ['src/**/*.test.ts'],
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      viewport: { width: 1200, height: 860 },
      provider: playwright({ launchOptions: chromiumLaunchOptions() }),
      instances: [{ browser: 'chromium' }],
    },
  },
});
