import { existsSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, jest } from '@jest/globals';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const CHROMIUM_PATHS = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/microsoft-edge',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];
export const executablePath = CHROMIUM_PATHS.find((path) => path !== undefined && existsSync(path));

// Chromium has no sandbox as root in a container. The fake microphone needs no permission. Other hosts cannot
// be contacted.
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
];

/** Skips the tests on a machine without a browser. In CI, `environment.test.ts` then fails. */
export const describeInBrowser = executablePath === undefined ? describe.skip : describe;

/** A browser for the tests of one file. */
export interface Pages {
  /** Opens a page in a browser profile of its own, so that each can be signed in under another name. */
  open(options?: BrowserContextOptions): Promise<Page>;
  /** Errors that the pages reported since the start of the test. A test removes the ones it expects. */
  readonly errors: string[];
}

export function usePages(): Pages {
  let browser: Browser;
  const errors: string[] = [];
  jest.setTimeout(120_000);

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath!, args: CHROMIUM_FLAGS });
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    expect(errors.splice(0)).toEqual([]);
  });

  return {
    errors,
    async open(options = {}) {
      // The certificate is made at each start.
      const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
      page.on('pageerror', (error) => errors.push(error.message));
      return page;
    },
  };
}
