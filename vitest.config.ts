import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** A test against a clock may miss its bound on a busy machine: in CI it is tried twice more, and the output names it. */
const RETRY = process.env['CI'] ? 2 : 0;

/** A wait ends when the event comes; it fails much later than on an idle machine. */
const PATIENT = { poll: { timeout: 15_000 } } as const;

/** Tests with real processes and sockets: two files at a time, after the tests that need the processor alone. */
const TWO_AT_A_TIME = { maxWorkers: 2, sequence: { groupOrder: 1 }, retry: RETRY, expect: PATIENT } as const;

/** One file at a time, after all others. */
const ALONE = { fileParallelism: false, retry: RETRY, expect: PATIENT } as const;

/** Files that compare speeds. */
const MEASURING = ['test/integration/decode-share.test.ts'];

/** Starts the server and the browser that the e2e tests share. */
const PAGES_SETUP = 'test/helpers/pages-setup.ts';

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
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts', 'test/*.test.ts'] } },
      { test: { name: 'fuzz', include: ['test/fuzz/**/*.test.ts'], testTimeout: 30_000 } },
      { test: { name: 'pipeline', include: ['test/pipeline/**/*.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/contract/**/*.test.ts'],
          exclude: MEASURING,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          ...TWO_AT_A_TIME,
        },
      },
      { test: { name: 'smoke', include: ['test/smoke/**/*.test.ts'], testTimeout: 60_000, ...TWO_AT_A_TIME } },
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
          globalSetup: PAGES_SETUP,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          ...ALONE,
        },
      },
      // Installs and builds the projects of other people: `npm run test:embed`, not part of `npm test`.
      {
        test: {
          name: 'apart-embed',
          include: ['test/embed/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 120_000,
          ...ALONE,
        },
      },
      // Needs proxies and tools of monitoring (Debian): `npm run test:deploy`, not part of `npm test`.
      {
        test: {
          name: 'apart-deploy',
          include: ['test/deploy/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 300_000,
          ...ALONE,
        },
      },
      './client/vitest.config.ts',
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: PAGES_SETUP,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          ...TWO_AT_A_TIME,
        },
      },
      { test: { name: 'measuring', include: MEASURING, testTimeout: 60_000, ...ALONE } },
    ],
  },
});
