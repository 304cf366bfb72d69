import { chromium, type Browser, type BrowserContextOptions } from 'playwright';
import { afterAll, beforeAll, inject } from 'vitest';
import { launchBrowser, openPage, type OpenPage } from './browser.js';
import { QUICK, serve, type RunningServer } from './serve.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The end-to-end tests' Chromium: an address to connect to, or null if each file launches its own browser. */
    chromium: string | null;
    /** The address of the end-to-end tests' server with the embedded model. */
    page: string;
  }
}

/** The pages of a suite. They close after it. */
export interface Pages {
  readonly browser: Browser;
  /** Opens a page in a context of its own, which shares nothing with other pages. */
  open(url: string, options?: BrowserContextOptions): Promise<OpenPage>;
}

/** Gives a suite pages in the run's browser. */
export function usePages(): Pages {
  let browser: Browser | undefined;
  beforeAll(async () => {
    const endpoint = inject('chromium');
    browser = endpoint === null ? await launchBrowser() : await chromium.connect(endpoint);
  });
  // A connected browser goes on; only its pages close.
  afterAll(() => browser?.close());
  return {
    get browser() {
      return browser!;
    },
    open: (url, options) => openPage(browser!, url, options),
  };
}

/** Where a suite's server is. */
export interface Place {
  /** Ends with a slash. */
  readonly url: string;
  readonly port: number;
}

/**
 * Gives a suite a server: the run's, which has the embedded model and serves other suites too, or with options one of its
 * own, which stops after the suite.
 *
 * @param options of `underpaint serve`, or a function that finds them out when the suite starts
 */
export function useServer(options?: readonly string[] | (() => Promise<readonly string[]>)): Place {
  let server: RunningServer | undefined;
  if (options !== undefined) {
    beforeAll(async () => {
      server = await serve(0, ...QUICK, ...(typeof options === 'function' ? await options() : options));
    });
    afterAll(() => server?.stop());
  }
  const url = () => server?.url ?? inject('page');
  return {
    get url() {
      return url();
    },
    get port() {
      return Number(new URL(url()).port);
    },
  };
}
