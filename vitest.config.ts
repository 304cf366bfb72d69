import { defineConfig } from 'vitest/config';

/**
 * Tests with real processes, sockets and clocks. On a busy machine one of them may miss its bound; in CI it is tried once
 * more, and the output names it.
 */
const REAL_TIME = { fileParallelism: false, retry: process.env['CI'] ? 1 : 0 } as const;

/** Files of e2e tests that drive the page as any browser allows it. */
const FIREFOX_FLOWS = [
  'base-path',
  'drawing',
  'keyboard',
  'kept',
  'reconnect',
  'room-removal',
  'rooms',
  'studio',
  'views',
  'waiting',
];

/** Unit and pipeline tests run on the sources; integration and e2e tests on the build, as it ships. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts', 'test/*.test.ts'] } },
      { test: { name: 'fuzz', include: ['test/fuzz/**/*.test.ts'], testTimeout: 30_000 } },
      { test: { name: 'pipeline', include: ['test/pipeline/**/*.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/contract/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          ...REAL_TIME,
        },
      },
      { test: { name: 'smoke', include: ['test/smoke/**/*.test.ts'], testTimeout: 60_000, ...REAL_TIME } },
      // Half an hour: `npm run soak`, not part of `npm test`.
      { test: { name: 'apart-soak', include: ['test/soak/**/*.test.ts'], hookTimeout: 120_000 } },
      // Compiles shaders for the processor: `npm run test:webgpu`, not part of `npm test`.
      { test: { name: 'apart-webgpu', include: ['test/webgpu/**/*.test.ts'], testTimeout: 300_000 } },
      // The flows of the e2e tests in Firefox: `npm run test:firefox`, not part of `npm test`.
      {
        test: {
          name: 'apart-firefox',
          include: FIREFOX_FLOWS.map((name) => `test/e2e/${name}.test.ts`),
          env: { UNDERPAINT_BROWSER: 'firefox' },
          testTimeout: 120_000,
          hookTimeout: 120_000,
          ...REAL_TIME,
        },
      },
      // Installs and builds the projects of other people: `npm run test:embed`, not part of `npm test`.
      {
        test: {
          name: 'apart-embed',
          include: ['test/embed/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 120_000,
          ...REAL_TIME,
        },
      },
      './client/vitest.config.ts',
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          ...REAL_TIME,
        },
      },
    ],
  },
});
